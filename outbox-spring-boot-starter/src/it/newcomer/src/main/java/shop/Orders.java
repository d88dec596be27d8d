package shop;

import io.outbox.Message;
import io.outbox.MessageType;
import io.outbox.annotation.Idempotent;
import io.outbox.annotation.Publishes;
import io.outbox.spring.SpringOutbox;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class Orders {
    private final JdbcTemplate jdbc;
    private final SpringOutbox outbox;

    Orders(JdbcTemplate jdbc, SpringOutbox outbox) {
        this.jdbc = jdbc;
        this.outbox = outbox;
    }

    @MessageType("order.placed")
    public record Placed(String id) {}

    @Transactional
    public void place(String id) {
        jdbc.update("insert into placed (id) values (?)", id);
        outbox.publish(Message.to("orders").key(id).payload(new Placed(id)).build());
    }

    @Transactional
    @Publishes(destination = "orders", key = "result.id")
    public Placed placeAnnotated(String id) {
        jdbc.update("insert into placed (id) values (?)", id);
        return new Placed(id);
    }

    @Idempotent(consumer = "shop", id = "number")
    public void placeOnce(String number) {
        place(number);
    }
}
