package io.outbox.spring;

import io.outbox.Message;
import io.outbox.MessageType;
import io.outbox.annotation.Idempotent;
import io.outbox.annotation.Publishes;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** A service as users write them: not a line about the outbox but where it publishes. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class OrderApplication {
    @MessageType("order.placed")
    record Placed(String orderId, List<String> items) {}

    @MessageType("order.paid")
    record Order(String id) {}

    @Outboxed(destination = "events", key = "orderId", type = "order.seen")
    record Seen(String orderId) {}

    static class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    static class Checked extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Each method places an order by JdbcTemplate and publishes. */
    static class Orders {
        private static final Logger log = LoggerFactory.getLogger(Orders.class);

        private final JdbcTemplate jdbc;
        private final SpringOutbox outbox;
        private final ApplicationEventPublisher events;

        Orders(JdbcTemplate jdbc, SpringOutbox outbox, ApplicationEventPublisher events) {
            this.jdbc = jdbc;
            this.outbox = outbox;
            this.events = events;
        }

        void placeWithoutTransaction(String id) {
            publish(id);
        }

        // tag::spring-service[]
        @Transactional
        public void pay(Order order) {
            jdbc.update("insert into placed (id) values (?)", order.id());
            String messageId = outbox.publish(
                    Message.to("orders").key(order.id()).payload(order).build());
            log.info("order {} will be told about by message {}", order.id(), messageId);
        }
        // end::spring-service[]

        @Transactional
        public void place(String id, boolean fails) {
            publish(id);
            if (fails) {
                throw new Failure();
            }
        }

        @Transactional(readOnly = true)
        public void placeReadOnly(String id) {
            publish(id);
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void placeInNew(String id, boolean fails) {
            place(id, fails);
        }

        @Transactional(propagation = Propagation.NESTED)
        public void placeNested(String id, boolean fails) {
            place(id, fails);
        }

        @Transactional
        @Publishes(destination = "orders", key = "#result.orderId")
        public Placed placeAndReturn(String id) {
            insert(id);
            return new Placed(id, List.of("a", "b"));
        }

        @Publishes(destination = "orders-{result.orderId}", key = "#id.toUpperCase()")
        public List<Placed> placeWithoutOwnTransaction(String id, boolean fails) throws Checked {
            insert(id);
            if (fails) {
                throw new Checked();
            }
            return List.of(new Placed(id, List.of()));
        }

        @Idempotent(consumer = "billing", id = "number")
        public void pay(String number, boolean fails) throws Checked {
            insert("paid-" + number);
            if (fails) {
                throw new Checked();
            }
        }

        @Transactional
        public void see(String id) {
            events.publishEvent(new Seen(id));
        }

        private void publish(String id) {
            insert(id);
            String unused = outbox.publish(Message.to("orders")
                    .key(id)
                    .payload(new Placed(id, List.of()))
                    .build());
        }

        private void insert(String id) {
            jdbc.update("insert into placed (id) values (?)", id);
        }
    }

    @Bean
    Orders orders(JdbcTemplate jdbc, SpringOutbox outbox, ApplicationEventPublisher events) {
        return new Orders(jdbc, outbox, events);
    }
}
