package io.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.spi.HeaderCodec;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.OutboxStore;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What an application publishes reaches the store as it is, or is refused before its transaction knows of it. */
class OutboxInputTest {
    private static final String HALF = "a\uD83D";

    private final List<OutboxRecord> stored = new ArrayList<>();
    private final Outbox<Object> outbox = Outbox.builder(store()).build();

    @SuppressWarnings("unchecked")
    private OutboxStore<Object> store() {
        return (OutboxStore<Object>) Proxy.newProxyInstance(
                OutboxStore.class.getClassLoader(), new Class<?>[] {OutboxStore.class}, (self, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("append");
                    stored.addAll((List<OutboxRecord>) arguments[1]);
                    return null;
                });
    }

    @Property
    void anyText_isStoredAsItIs_orRefusedWithAReason(
            @ForAll("texts") String id,
            @ForAll("texts") String destination,
            @ForAll("texts") String key,
            @ForAll("texts") String type,
            @ForAll("texts") String header,
            @ForAll("texts") String payload) {
        stored.clear();
        try {
            outbox.publish(
                    "transaction",
                    Message.to(destination)
                            .id(id)
                            .key(key)
                            .type(type)
                            .header(header, payload)
                            .payload(payload)
                            .build());
        } catch (InvalidMessageException | IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(1000);
            assertThat(stored).isEmpty();
            return;
        }
        OutboxRecord record = stored.get(0);
        for (String text : List.of(
                record.messageId(), record.destination(), String.valueOf(record.key()), record.type(), header)) {
            assertThat(throughUtf8(text)).isEqualTo(text);
        }
        assertThat(List.of(record.messageId(), record.destination(), String.valueOf(record.key()), record.type()))
                .containsExactly(id, destination, key, type)
                .noneMatch(text -> text.indexOf('\0') >= 0);
        assertThat(new String(record.payload(), StandardCharsets.UTF_8)).isEqualTo(payload);
        String json = HeaderCodec.toJson(record.headers());
        assertThat(json).doesNotContain("\0");
        assertThat(HeaderCodec.fromJson(throughUtf8(String.valueOf(json)))).isEqualTo(Map.of(header, payload));
    }

    @Example
    void halfOfASurrogatePair_isRefusedWhereverItStands() {
        List<BiFunction<Message.Builder, String, Message.Builder>> places = List.of(
                Message.Builder::id,
                Message.Builder::key,
                Message.Builder::type,
                Message.Builder::channel,
                Message.Builder::contentType,
                Message.Builder::payload,
                (message, text) -> message.header(text, "value"),
                (message, text) -> message.header("name", text));
        for (BiFunction<Message.Builder, String, Message.Builder> place : places) {
            for (String text : List.of(HALF, "\uDE00", "\uDE00\uD83D")) {
                Message message = place.apply(Message.to("orders").type("t").payload("p"), text)
                        .build();
                assertThatThrownBy(() -> outbox.publish("transaction", message))
                        .isInstanceOf(InvalidMessageException.class)
                        .hasMessageContaining("surrogate");
            }
        }
        assertThat(stored).isEmpty();
    }

    @Example
    void aTraceContextOfAnyText_isHeldToTheSameRules() {
        Outbox<Object> traced = Outbox.builder(store())
                .traceContext(() -> Map.of("traceparent", HALF))
                .build();

        assertThatThrownBy(() -> traced.publish(
                        "transaction", Message.to("orders").type("t").build()))
                .isInstanceOf(InvalidMessageException.class);
    }

    @Example
    void tooManyHeaders_areRefused() {
        Message.Builder message = Message.to("orders").type("t");
        for (int i = 0; i < 10_000; i++) {
            message.header("header" + i, "v");
        }

        assertThatThrownBy(() -> outbox.publish("transaction", message.build()))
                .isInstanceOf(InvalidMessageException.class)
                .hasMessageContaining("maxHeaderChars");
    }

    @Example
    void anIdOfAMegabyte_isRefusedInFewWords() {
        Message message = Message.to("orders")
                .type("t")
                .id("x".repeat(1 << 20))
                .payload(new byte[2 << 20])
                .build();

        assertThatThrownBy(() -> outbox.publish("transaction", message))
                .isInstanceOf(InvalidMessageException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
    }

    private static String throughUtf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(
                        6, Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(20)),
                net.jqwik.api.Tuple.of(2, Arbitraries.strings().all().ofMaxLength(300)),
                net.jqwik.api.Tuple.of(1, Arbitraries.of("", " ", "\0", HALF, "\uDE00", "😀", "\uFFFF", "'; --")));
    }
}
