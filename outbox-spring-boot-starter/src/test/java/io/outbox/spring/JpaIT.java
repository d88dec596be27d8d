package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outbox.Message;
import io.outbox.spi.Publisher;
import io.outbox.testkit.InProcessBroker;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.annotation.Transactional;

/** Messages join the transactions of JPA. */
class JpaIT {
    private static final InProcessBroker BROKER = InProcessBroker.create();

    private final TestDatabase database = TestServers.postgres().createDatabase();
    private ConfigurableApplicationContext context;

    /** An entity. */
    @Entity(name = "placed")
    static class PlacedOrder {
        @Id
        String id;
    }

    static class Orders {
        private final EntityManager entities;
        private final SpringOutbox outbox;

        Orders(EntityManager entities, SpringOutbox outbox) {
            this.entities = entities;
            this.outbox = outbox;
        }

        @Transactional
        public void place(String id, boolean fails) {
            PlacedOrder order = new PlacedOrder();
            order.id = id;
            entities.persist(order);
            outbox.publishAll(List.of(
                    Message.to("orders").type("order.placed").payload(id).build()));
            if (fails) {
                throw new IllegalStateException("no");
            }
        }

        @Transactional
        public boolean isPlaced(String id) {
            return entities.find(PlacedOrder.class, id) != null;
        }
    }

    /** A service with JPA and a publisher of its own. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @AutoConfigurationPackage
    static class Application {
        @Bean
        Publisher publisher() {
            return BROKER.publisher();
        }

        @Bean
        Orders orders(EntityManager entities, SpringOutbox outbox) {
            return new Orders(entities, outbox);
        }
    }

    @BeforeEach
    void start() {
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=" + database.jdbcUrl(),
                        "--spring.datasource.username=" + database.user(),
                        "--spring.datasource.password=" + database.password(),
                        "--spring.jpa.hibernate.ddl-auto=create",
                        "--spring.main.banner-mode=off",
                        "--outbox.schema.mode=create");
    }

    @AfterEach
    void stop() {
        context.close();
        database.close();
    }

    @Test
    void entitiesAndMessages_areCommittedTogether() {
        Orders orders = context.getBean(Orders.class);

        assertThatThrownBy(() -> orders.place("bad", true)).hasMessage("no");
        orders.place("good", false);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> BROKER.messages("orders").size() == 1);
        assertThat(orders.isPlaced("good")).isTrue();
        assertThat(orders.isPlaced("bad")).isFalse();
        assertThat(new String(BROKER.messages("orders").get(0).payload(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("good");
    }
}
