package io.outbox.sample.callback;

import io.outbox.annotation.Idempotent;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.support.AmqpHeaders;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.stereotype.Component;

/** Books payments. The work that nobody who calls by HTTP waits for. Thread-safe. */
@Component
class Bookkeeping {
    private final JdbcTemplate jdbc;

    Bookkeeping(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    // tag::callback-listener[]
    /** Acknowledged after the commit; what comes again is recognised by its message id. */
    @RabbitListener(queues = CallbackApplication.QUEUE)
    @Idempotent(consumer = "bookkeeping", id = "messageId")
    public void book(@Payload PaymentReceived payment, @Header(AmqpHeaders.MESSAGE_ID) String messageId) {
        int invoices = jdbc.update(
                "update invoice set paid_cents = paid_cents + ?, payments = payments + 1 where id = ?",
                payment.cents(),
                payment.invoice());
        if (invoices == 0) {
            // no attempt will help: to the dead-letter queue. Any other exception has it delivered again
            throw new AmqpRejectAndDontRequeueException("message " + messageId + " pays an invoice that nobody sent");
        }
    }
    // end::callback-listener[]
}
