package io.outbox.spring;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** With JdbcTemplate. */
class JdbcTemplateIT extends TransactionContract {
    @Configuration(proxyBeanMethods = false)
    static class Application {
        @Bean
        Rows rows(JdbcTemplate jdbc) {
            return id -> jdbc.update("insert into placed (id) values (?)", id);
        }
    }

    @Override
    Class<?> application() {
        return Application.class;
    }
}
