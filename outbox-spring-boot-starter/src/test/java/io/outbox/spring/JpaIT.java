package io.outbox.spring;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** With JPA, whose rows are written later than the messages. */
class JpaIT extends TransactionContract {
    /** An entity. */
    @Entity(name = "placed")
    static class PlacedOrder {
        @Id
        String id;
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {
        @Bean
        Rows rows(EntityManager entities) {
            return id -> {
                PlacedOrder order = new PlacedOrder();
                order.id = id;
                entities.persist(order);
            };
        }
    }

    @Override
    Class<?> application() {
        return Application.class;
    }

    @Override
    boolean knowsNested() {
        return false;
    }

    @Override
    List<String> arguments() {
        return List.of("--spring.jpa.hibernate.ddl-auto=create", Without.these());
    }
}
