package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.MessageType;
import io.outbox.NoTransactionException;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.modulith.events.EventExternalizationConfiguration;
import org.springframework.modulith.events.Externalized;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring Modulith's outbox mode, on a real PostgreSQL. */
class ModulithIT {
    private static TestDatabase database;
    private static ConfigurableApplicationContext context;

    /** An event that goes out as it is. */
    @Externalized("orders::#{#this.orderId()}")
    @MessageType("order.placed")
    record Placed(String orderId) {}

    /** An event that is mapped. */
    @Externalized("invoices")
    record Invoiced(String number, String secret) {}

    /** An event that stays. */
    record Internal(String text) {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        EventExternalizationConfiguration externalization() {
            return EventExternalizationConfiguration.defaults("io.outbox.spring")
                    .mapping(Invoiced.class, event -> Map.of("number", event.number()))
                    .headers(Invoiced.class, event -> Map.of("tenant", "t1"))
                    .build();
        }
    }

    @BeforeAll
    static void start() {
        database = TestServers.postgres().createDatabase();
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=" + database.jdbcUrl(),
                        "--spring.datasource.username=" + database.user(),
                        "--spring.datasource.password=" + database.password(),
                        "--spring.main.banner-mode=off",
                        "--spring.modulith.events.externalization.mode=outbox",
                        "--outbox.broker=none",
                        "--outbox.schema.mode=create",
                        Without.these(Without.JPA));
    }

    @AfterAll
    static void stop() {
        context.close();
        database.close();
    }

    private static void publish(Object... events) {
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            for (Object event : events) {
                context.publishEvent(event);
            }
        });
    }

    @Test
    void externalizedEvents_goToTheOutbox_asModulithMapsThem() {
        publish(new Placed("o-1"), new Internal("not for others"), new Invoiced("i-1", "hush"));

        assertThat(new JdbcTemplate(database.dataSource())
                        .queryForList("select destination, message_key, type, convert_from(payload, 'UTF8') as payload,"
                                + " headers from outbox_message order by id"))
                .satisfiesExactly(
                        placed -> assertThat(placed)
                                .containsEntry("destination", "orders")
                                .containsEntry("message_key", "o-1")
                                .containsEntry("type", "order.placed")
                                .containsEntry("payload", "{\"orderId\":\"o-1\"}"),
                        invoiced -> assertThat(invoiced)
                                .containsEntry("destination", "invoices")
                                .containsEntry("message_key", null)
                                .containsEntry("type", Invoiced.class.getName())
                                .containsEntry("payload", "{\"number\":\"i-1\"}")
                                .hasEntrySatisfying(
                                        "headers",
                                        headers ->
                                                assertThat(headers.toString()).contains("\"tenant\"", "\"t1\"")));
    }

    @Test
    void anExternalizedEvent_outsideOfATransaction_isRefused() {
        assertThatThrownBy(() -> context.publishEvent(new Placed("o-2"))).isInstanceOf(NoTransactionException.class);
    }
}
