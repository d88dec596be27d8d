package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.Message;
import io.outbox.NoTransactionException;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What has to be true whatever an application uses to write its own rows, on a real PostgreSQL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TransactionContract {
    private TestDatabase database;
    private ConfigurableApplicationContext context;
    private Shop shop;

    /** Writes the application's own rows, in the way that is tested. */
    interface Rows {
        void insert(String id);
    }

    /** Each method inserts a row and publishes a message with the same id. */
    static class Shop {
        private final Rows rows;
        private final SpringOutbox outbox;

        Shop(Rows rows, SpringOutbox outbox) {
            this.rows = rows;
            this.outbox = outbox;
        }

        @Transactional
        public void place(String id) {
            rows.insert(id);
            String unused = outbox.publish(
                    Message.to("orders").type("placed").payload(id).key("k").build());
        }

        @Transactional
        public void placeAndFail(String id) {
            place(id);
            throw new Failure();
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void placeInNew(String id) {
            place(id);
        }

        @Transactional(propagation = Propagation.NESTED)
        public void placeNested(String id, boolean fails) {
            place(id);
            if (fails) {
                throw new Failure();
            }
        }

        @Transactional(readOnly = true)
        public void placeReadOnly(String id) {
            String unused = outbox.publish(
                    Message.to("orders").type("placed").payload(id).build());
        }

        @Async
        @Transactional
        public CompletableFuture<Void> placeLater(String id) {
            place(id);
            return CompletableFuture.completedFuture(null);
        }

        @Transactional
        public void inTransaction(Runnable action) {
            action.run();
        }
    }

    static class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** What all have in common. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableAsync(proxyTargetClass = true)
    static class Common {
        @Bean
        Shop shop(Rows rows, SpringOutbox outbox) {
            return new Shop(rows, outbox);
        }
    }

    /** The application's configuration, with a bean of type {@link Rows}. */
    abstract Class<?> application();

    /** Whether its transaction manager knows savepoints. */
    boolean knowsNested() {
        return true;
    }

    /** More arguments. */
    List<String> arguments() {
        return List.of(Without.these(Without.JPA));
    }

    @BeforeAll
    void start() {
        database = TestServers.postgres().createDatabase();
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--spring.main.banner-mode=off",
                "--outbox.broker=none",
                "--outbox.schema.mode=create"));
        arguments.addAll(arguments());
        context = new SpringApplicationBuilder(Common.class, application())
                .web(WebApplicationType.NONE)
                .run(arguments.toArray(String[]::new));
        new JdbcTemplate(database.dataSource())
                .execute("create table if not exists placed (id varchar(100) primary key)");
        shop = context.getBean(Shop.class);
    }

    @AfterAll
    void stop() {
        context.close();
        database.close();
    }

    @BeforeEach
    void clear() {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        jdbc.update("delete from placed");
        jdbc.update("delete from outbox_message");
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private List<String> rows() {
        return new JdbcTemplate(database.dataSource()).queryForList("select id from placed order by id", String.class);
    }

    private List<String> messages() {
        return new JdbcTemplate(database.dataSource())
                .queryForList("select convert_from(payload, 'UTF8') from outbox_message order by id", String.class);
    }

    private void assertCommitted(String... ids) {
        assertThat(messages()).containsExactly(ids);
        assertThat(rows()).containsExactlyInAnyOrder(ids);
    }

    @Test
    void whatIsCommitted_isWritten_inOrder() {
        String first = id();
        String second = id();
        shop.inTransaction(() -> {
            shop.place(first);
            shop.place(second);
        });

        assertCommitted(first, second);
    }

    @Test
    void whatIsRolledBack_isNotThere() {
        assertThatThrownBy(() -> shop.placeAndFail(id())).isInstanceOf(Failure.class);

        assertCommitted();
    }

    @Test
    void aNewTransaction_isOnItsOwn() {
        String inNew = id();
        assertThatThrownBy(() -> shop.inTransaction(() -> {
                    shop.place(id());
                    shop.placeInNew(inNew);
                    throw new Failure();
                }))
                .isInstanceOf(Failure.class);

        assertCommitted(inNew);
    }

    @Test
    void aNestedTransaction_takesItsMessagesBack_andNoOthers() {
        String before = id();
        String nested = id();
        String after = id();
        if (!knowsNested()) {
            assertThatThrownBy(() -> shop.inTransaction(() -> shop.placeNested(nested, false)))
                    .hasMessageContaining("nested");
            return;
        }
        shop.inTransaction(() -> {
            shop.place(before);
            assertThatThrownBy(() -> shop.placeNested(id(), true)).isInstanceOf(Failure.class);
            shop.placeNested(nested, false);
            shop.place(after);
        });

        assertCommitted(before, nested, after);
    }

    @Test
    void aReadOnlyTransaction_refuses() {
        assertThatThrownBy(() -> shop.placeReadOnly(id()))
                .isInstanceOf(NoTransactionException.class)
                .hasMessageContaining("readOnly");
    }

    @Test
    void anAsynchronousMethod_hasItsOwnTransaction() {
        String later = id();
        assertThatThrownBy(() -> shop.inTransaction(() -> {
                    shop.placeLater(later).join();
                    throw new Failure();
                }))
                .isInstanceOf(Failure.class);

        assertCommitted(later);
    }
}
