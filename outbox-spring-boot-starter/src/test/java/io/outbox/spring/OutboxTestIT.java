package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.Message;
import io.outbox.MessageType;
import io.outbox.spring.test.OutboxTest;
import io.outbox.spring.test.PublishedMessages;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A test of a service, as its users write them. */
@SpringBootTest(
        properties = {
            "outbox.schema.mode=create",
            "spring.autoconfigure.exclude=" + Without.MODULITH_REGISTRY + "," + Without.JPA
        })
@OutboxTest
@DirtiesContext
class OutboxTestIT {
    private static final TestDatabase DATABASE = TestServers.postgres().createDatabase();

    @Autowired
    private PublishedMessages published;

    @Autowired
    private SpringOutbox outbox;

    @Autowired
    private PlatformTransactionManager manager;

    /** A service with both brokers on its class path. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) {
        properties.add("spring.datasource.url", DATABASE::jdbcUrl);
        properties.add("spring.datasource.username", DATABASE::user);
        properties.add("spring.datasource.password", DATABASE::password);
    }

    @AfterAll
    static void stop() {
        DATABASE.close();
    }

    @MessageType("order.paid")
    record Paid(String order, Instant at) {}

    @Test
    void payloads_areEncodedByTheApplicationsMapper() {
        new TransactionTemplate(manager)
                .executeWithoutResult(status -> outbox.publish(Message.to("payments")
                        .payload(new Paid("1", Instant.parse("2026-11-21T09:00:00Z")))
                        .build()));

        assertThat(new String(published.to("payments").get(0).payload(), StandardCharsets.UTF_8))
                .isEqualTo("{\"order\":\"1\",\"at\":\"2026-11-21T09:00:00Z\"}");
    }

    private void publish(String destination, String text) {
        String unused = outbox.publish(
                Message.to(destination).key("k").type("text").payload(text).build());
    }

    @Test
    void whatAServicePublishes_canBeAsserted_withoutABroker() {
        published.clear();
        TransactionTemplate transaction = new TransactionTemplate(manager);
        transaction.executeWithoutResult(status -> {
            publish("orders", "placed");
            publish("orders", "paid");
            publish("audit", "seen");
        });

        // tag::outbox-test[]
        assertThat(published.to("orders"))
                .extracting(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .containsExactly("placed", "paid");
        // end::outbox-test[]
        assertThat(published.all()).hasSize(3);

        published.clear();
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    publish("orders", "never");
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(published.all()).isEmpty();
    }
}
