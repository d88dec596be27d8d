package io.outbox.sample.orders.order;

import io.outbox.JacksonPayloadCodec;
import io.outbox.consumer.ContentMismatchException;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.sample.orders.common.NewOrder;
import io.outbox.sample.orders.common.OrderPlaced;
import io.outbox.spi.PayloadCodec;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Takes orders. A customer who saw no answer asks again with the same key. */
@RestController
class OrderController {
    private final IdempotentConsumer<Connection> requests;
    private final Orders orders;
    private final PayloadCodec codec = new JacksonPayloadCodec();

    OrderController(IdempotentConsumer<Connection> requests, Orders orders) {
        this.requests = requests;
        this.orders = orders;
    }

    // tag::orders-http[]
    /** Every repeat gets the first one's answer. */
    @PostMapping("/orders")
    OrderPlaced place(@RequestHeader("Idempotency-Key") String key, @RequestBody NewOrder order) {
        byte[] content = order.toString().getBytes(StandardCharsets.UTF_8);
        return requests.once(key, content, codec, OrderPlaced.class, connection -> orders.place(order))
                .value();
    }

    @ExceptionHandler
    @ResponseStatus(HttpStatus.CONFLICT)
    void sameKeyForAnotherOrder(ContentMismatchException e) {}
    // end::orders-http[]
}
