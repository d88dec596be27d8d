package io.outbox.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.MessageType;
import io.outbox.MessageTypes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which handler gets a message. */
class TypedHandlersTest {
    private final List<String> handled = new ArrayList<>();
    private final TypedHandlers.Builder<String> builder = TypedHandlers.<String>builder(
                    MessageTypes.of(Placed.class, Rejected.class))
            .on(Placed.class, (transaction, placed, message) -> handled.add(placed.id()));

    @MessageType("placed")
    record Placed(String id) {}

    @MessageType("rejected")
    record Rejected(String id) {}

    private static ReceivedMessage message(String type, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return new ReceivedMessage("m", "orders", null, type, null, null, null, Map.of(), bytes, 1);
    }

    @Test
    void aMessage_goesToTheHandlerOfItsType() throws Exception {
        builder.build().handle("tx", message("placed", "{\"id\": \"o-1\"}"));

        assertThat(handled).containsExactly("o-1");
    }

    @Test
    void aTypeWithoutAHandler_knownOrNot_isRefused() {
        TypedHandlers<String> handlers = builder.build();

        for (String type : new String[] {"rejected", "never heard of", null}) {
            assertThatThrownBy(() -> handlers.handle("tx", message(type, "{}")))
                    .isInstanceOf(UnknownTypeException.class);
        }
    }

    @Test
    void aTypeWithoutAHandler_goesToTheHandlerOfOthers_undecoded() throws Exception {
        TypedHandlers<String> handlers = builder.onOthers(
                        (transaction, message) -> handled.add(transaction + message.type()))
                .build();

        handlers.handle("tx", message("rejected", "not JSON"));
        handlers.handle("tx", message("never heard of", "not JSON"));
        handlers.handle("tx", message(null, "not JSON"));
        handlers.handle("tx", message("placed", "{\"id\": \"o-1\"}"));

        assertThat(handled).containsExactly("txrejected", "txnever heard of", "txnull", "o-1");
    }
}
