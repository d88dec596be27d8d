package io.outbox.spring;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.table;

import org.jooq.DSLContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** With jOOQ. */
class JooqIT extends TransactionContract {
    @Configuration(proxyBeanMethods = false)
    static class Application {
        @Bean
        Rows rows(DSLContext jooq) {
            return id ->
                    jooq.insertInto(table("placed"), field("id")).values(id).execute();
        }
    }

    @Override
    Class<?> application() {
        return Application.class;
    }
}
