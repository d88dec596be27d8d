package io.outbox.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.InvalidMessageException;
import io.outbox.MessageTypes;
import io.outbox.TransactionRunner;
import io.outbox.spi.DedupStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;

/** Types and ids from outside. */
class TypedHandlersInputTest {
    record Paid(int order) {}

    private final TypedHandlers<Object> handlers = TypedHandlers.<Object>builder(
                    MessageTypes.builder().add("order.paid", Paid.class).build())
            .on(Paid.class, (transaction, paid, message) -> {})
            .build();

    @Property
    void anyTypeAndPayload_isHandledOrRefusedForGoodInFewWords(
            @ForAll @StringLength(max = 2000) String type, @ForAll byte[] payload, @ForAll boolean known)
            throws Exception {
        try {
            handlers.handle("transaction", message(known ? "order.paid" : type, payload));
        } catch (RejectedMessageException | InvalidMessageException e) {
            assertThat(e.getMessage()).hasSizeLessThan(1000).doesNotContain("\n", "\0", "\r");
        }
    }

    @Example
    void aTypeThatIsAClassName_isUnknown() {
        for (String type : List.of(Paid.class.getName(), "java.lang.Runtime", "", "ORDER.PAID")) {
            assertThatThrownBy(() -> handlers.handle("transaction", message(type, new byte[0])))
                    .isInstanceOf(UnknownTypeException.class);
        }
        assertThatThrownBy(() -> handlers.handle("transaction", message(null, new byte[0])))
                .isInstanceOf(UnknownTypeException.class);
    }

    @Property
    void anyId_isOneThatADatabaseKeepsApart_orRefused(@ForAll @StringLength(max = 210) String id) {
        @SuppressWarnings("unchecked")
        DedupStore<Object> nothing = (DedupStore<Object>) Proxy.newProxyInstance(
                DedupStore.class.getClassLoader(),
                new Class<?>[] {DedupStore.class},
                (self, method, arguments) -> method.isDefault()
                        ? InvocationHandler.invokeDefault(self, method, arguments)
                        : java.util.Set.copyOf((java.util.Collection<?>) arguments[2]));
        IdempotentConsumer<Object> consumer = IdempotentConsumer.of(
                "group",
                new TransactionRunner<>() {
                    @Override
                    public <R, X extends Exception> R inTransaction(Work<Object, R, X> work) throws X {
                        return work.run("transaction");
                    }
                },
                nothing);
        try {
            assertThat(consumer.once(id, transaction -> {})).isEqualTo(Handling.HANDLED);
            assertThat(java.nio.charset.StandardCharsets.UTF_8.newEncoder().canEncode(id))
                    .isTrue();
            assertThat(id).isNotBlank().hasSizeLessThanOrEqualTo(200).doesNotContain("\0");
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("id must");
        }
    }

    private static ReceivedMessage message(@Nullable String type, byte[] payload) {
        return new ReceivedMessage("7", "orders", null, type, null, null, null, Map.of(), payload, 1);
    }
}
