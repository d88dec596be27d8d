package io.outbox.spring;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.relational.core.mapping.Table;

/** With Spring Data JDBC. */
class DataJdbcIT extends TransactionContract {
    @Table("placed")
    record Placed(@Id String id) {}

    @Configuration(proxyBeanMethods = false)
    static class Application {
        @Bean
        Rows rows(JdbcAggregateOperations operations) {
            return id -> operations.insert(new Placed(id));
        }
    }

    @Override
    Class<?> application() {
        return Application.class;
    }
}
