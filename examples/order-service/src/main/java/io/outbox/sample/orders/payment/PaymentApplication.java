package io.outbox.sample.orders.payment;

import io.outbox.MessageTypes;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.sample.orders.common.LoopLifecycle;
import io.outbox.sample.orders.common.StockReserved;
import io.outbox.sample.orders.common.Topics;
import io.outbox.spi.DedupStore;
import io.outbox.spring.SpringTransactions;
import java.sql.Connection;
import java.util.List;
import org.apache.kafka.clients.admin.NewTopic;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.config.TopicBuilder;

/** The payment service. */
@SpringBootApplication(proxyBeanMethods = false)
public class PaymentApplication {
    @Bean
    NewTopic paymentTopic() {
        return TopicBuilder.name(Topics.PAYMENTS).partitions(Topics.PARTITIONS).build();
    }

    @Bean
    LoopLifecycle reservations(
            KafkaProperties kafka, SpringTransactions transactions, DedupStore<Connection> dedup, Payments payments) {
        // tag::orders-others[]
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(MessageTypes.of(StockReserved.class))
                .on(StockReserved.class, (connection, reserved, message) -> payments.charge(reserved))
                .onOthers((connection, message) -> {}) // stock that is refused is not charged
                .build();
        // end::orders-others[]
        return new LoopLifecycle(KafkaConsumerLoop.builder(
                kafka.buildConsumerProperties(),
                List.of(Topics.STOCK),
                IdempotentConsumer.of("payment", transactions, dedup),
                handlers));
    }
}
