package io.outbox.sample.orders.order;

import io.outbox.MessageTypes;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.sample.orders.common.LoopLifecycle;
import io.outbox.sample.orders.common.PaymentMade;
import io.outbox.sample.orders.common.PaymentRefused;
import io.outbox.sample.orders.common.StockRefused;
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

/** The order service. */
@SpringBootApplication(proxyBeanMethods = false)
public class OrderApplication {
    @Bean
    NewTopic orderTopic() {
        return TopicBuilder.name(Topics.ORDERS).partitions(Topics.PARTITIONS).build();
    }

    /** Recognises requests that come again. */
    @Bean
    IdempotentConsumer<Connection> requests(SpringTransactions transactions, DedupStore<Connection> dedup) {
        return IdempotentConsumer.of("requests", transactions, dedup);
    }

    @Bean
    LoopLifecycle answers(
            KafkaProperties kafka, SpringTransactions transactions, DedupStore<Connection> dedup, Orders orders) {
        MessageTypes types = MessageTypes.of(StockRefused.class, PaymentMade.class, PaymentRefused.class);
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(types)
                .on(StockRefused.class, (connection, refused, message) -> orders.reject(refused))
                .on(PaymentMade.class, (connection, made, message) -> orders.confirm(made))
                .on(PaymentRefused.class, (connection, refused, message) -> orders.reject(refused))
                .onOthers((connection, message) -> {}) // stock that is reserved is payment's turn
                .build();
        return new LoopLifecycle(KafkaConsumerLoop.builder(
                kafka.buildConsumerProperties(),
                List.of(Topics.STOCK, Topics.PAYMENTS),
                IdempotentConsumer.of("order", transactions, dedup),
                handlers));
    }
}
