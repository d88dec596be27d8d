package io.outbox.sample.orders.inventory;

import io.outbox.MessageTypes;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.sample.orders.common.LoopLifecycle;
import io.outbox.sample.orders.common.OrderPlaced;
import io.outbox.sample.orders.common.OrderRejected;
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

/** The inventory service. */
@SpringBootApplication(proxyBeanMethods = false)
public class InventoryApplication {
    // tag::orders-topic[]
    @Bean
    NewTopic stockTopic() {
        return TopicBuilder.name(Topics.STOCK).partitions(Topics.PARTITIONS).build();
    }
    // end::orders-topic[]

    // tag::orders-consumer[]
    @Bean
    LoopLifecycle orders(
            KafkaProperties kafka, SpringTransactions transactions, DedupStore<Connection> dedup, Inventory inventory) {
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(
                        MessageTypes.of(OrderPlaced.class, OrderRejected.class))
                .on(OrderPlaced.class, (connection, placed, message) -> inventory.reserve(placed))
                .on(OrderRejected.class, (connection, rejected, message) -> inventory.release(rejected))
                .build();
        return new LoopLifecycle(KafkaConsumerLoop.builder(
                kafka.buildConsumerProperties(),
                List.of(Topics.ORDERS),
                IdempotentConsumer.of("inventory", transactions, dedup),
                handlers));
    }
    // end::orders-consumer[]
}
