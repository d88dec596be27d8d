package io.outbox.sample.callback;

import io.outbox.Message;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.spring.SpringOutbox;
import java.sql.Connection;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Stores what is heard of a payment, once for each number, and hands it on through the outbox. Thread-safe. */
@Component
class Intake {
    /** How a payment was heard of. */
    enum Source {
        NOTIFICATION,
        RECONCILIATION
    }

    private final IdempotentConsumer<Connection> notifications;
    private final JdbcTemplate jdbc;
    private final SpringOutbox outbox;

    Intake(IdempotentConsumer<Connection> notifications, JdbcTemplate jdbc, SpringOutbox outbox) {
        this.notifications = notifications;
        this.jdbc = jdbc;
        this.outbox = outbox;
    }

    // tag::callback-intake[]
    /** Two that come at the same time: the second waits for the first, and does nothing if that commits. */
    Handling accept(Payment payment, Source source) {
        return notifications.once(payment.number(), connection -> {
            jdbc.update(
                    "insert into notification (number, invoice, cents, source) values (?, ?, ?, ?)",
                    payment.number(),
                    payment.invoice(),
                    payment.cents(),
                    source.name());
            outbox.publish(Message.to(CallbackApplication.QUEUE)
                    .key(payment.invoice())
                    .payload(new PaymentReceived(payment.number(), payment.invoice(), payment.cents()))
                    .build());
        });
    }
    // end::callback-intake[]
}
