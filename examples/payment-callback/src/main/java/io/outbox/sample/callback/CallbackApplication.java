package io.outbox.sample.callback;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.spi.DedupStore;
import io.outbox.spring.SpringTransactions;
import java.sql.Connection;
import java.time.Clock;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.support.converter.JacksonJsonMessageConverter;
import org.springframework.amqp.support.converter.MessageConverter;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The service. The outbox and its relay come by auto-configuration. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableScheduling
class CallbackApplication {
    static final String QUEUE = "payments";
    private static final String DEAD = "payments.dead";

    public static void main(String... arguments) {
        SpringApplication.run(CallbackApplication.class, arguments);
    }

    // tag::callback-beans[]
    /** Recognises the provider's numbers, in Spring's transactions. */
    @Bean
    IdempotentConsumer<Connection> notifications(SpringTransactions transactions, DedupStore<Connection> dedup) {
        return IdempotentConsumer.of("notifications", transactions, dedup);
    }

    /** The outbox publishes to this queue, by its name. */
    @Bean
    Queue payments() {
        return QueueBuilder.durable(QUEUE)
                .deadLetterExchange("")
                .deadLetterRoutingKey(DEAD)
                .build();
    }

    @Bean
    Queue deadPayments() {
        return QueueBuilder.durable(DEAD).build();
    }

    @Bean
    MessageConverter json() {
        return new JacksonJsonMessageConverter();
    }
    // end::callback-beans[]

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }
}
