package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.Message;
import io.outbox.NoTransactionException;
import io.outbox.StoreException;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** When messages are written, and into which data source, on a real PostgreSQL. */
class PublishingIT {
    private static TestDatabase database;
    private static TestDatabase other;
    private static ConfigurableApplicationContext context;

    private final SpringOutbox outbox = context.getBean(SpringOutbox.class);
    private final PlatformTransactionManager manager =
            context.getBean("ordersManager", PlatformTransactionManager.class);
    private final TransactionTemplate transaction = new TransactionTemplate(manager);
    private final TransactionTemplate inBilling =
            new TransactionTemplate(context.getBean("billingManager", PlatformTransactionManager.class));

    /** An event that makes a listener publish. */
    record Late(String text) {}

    record BeforeCommit(String text) {}

    static class Listeners {
        private final SpringOutbox outbox;
        private final AtomicReference<NoTransactionException> refusal = new AtomicReference<>();

        Listeners(SpringOutbox outbox) {
            this.outbox = outbox;
        }

        @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
        public void afterCommit(Late event) {
            try {
                publish(outbox, event.text());
            } catch (NoTransactionException e) {
                refusal.set(e); // Spring would log it only
            }
        }

        @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
        public void beforeCommit(BeforeCommit event) {
            publish(outbox, event.text() + "-1");
            publish(outbox, event.text() + "-2");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        DataSource orders() {
            return database.dataSource();
        }

        @Bean
        DataSource billing() {
            return other.dataSource();
        }

        @Bean
        PlatformTransactionManager ordersManager(DataSource orders) {
            return new JdbcTransactionManager(orders);
        }

        @Bean
        PlatformTransactionManager billingManager(DataSource billing) {
            return new JdbcTransactionManager(billing);
        }

        @Bean
        Listeners listeners(SpringOutbox outbox) {
            return new Listeners(outbox);
        }
    }

    @BeforeAll
    static void start() {
        database = TestServers.postgres().createDatabase();
        other = TestServers.postgres().createDatabase();
        context = run("--outbox.data-sources=orders,billing");
    }

    private static ConfigurableApplicationContext run(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.main.banner-mode=off",
                "--outbox.broker=none",
                "--outbox.schema.mode=create",
                Without.these(Without.JPA, Without.JOOQ, Without.DATA_JDBC)));
        arguments.addAll(List.of(more));
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(arguments.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        context.close();
        database.close();
        other.close();
    }

    @BeforeEach
    void clear() {
        new JdbcTemplate(database.dataSource()).update("delete from outbox_message");
        new JdbcTemplate(other.dataSource()).update("delete from outbox_message");
    }

    private static void publish(SpringOutbox outbox, String text) {
        String unused = outbox.publish(
                Message.to("orders").type("text").payload(text).key("k").build());
    }

    private void publish(String text) {
        publish(outbox, text);
    }

    private static List<String> written(JdbcTemplate jdbc) {
        return jdbc.queryForList("select convert_from(payload, 'UTF8') from outbox_message order by id", String.class);
    }

    private static List<String> written() {
        return written(new JdbcTemplate(database.dataSource()));
    }

    private static List<String> writtenInBilling() {
        return written(new JdbcTemplate(other.dataSource()));
    }

    /** What is there in the thread's transaction. */
    private List<String> writtenSoFar() {
        return written(new JdbcTemplate(context.getBean("orders", DataSource.class)));
    }

    @Test
    void messages_areWrittenTogetherBeforeTheCommit_orWhenAskedFor() {
        transaction.executeWithoutResult(status -> {
            publish("a");
            publish("b");
            assertThat(writtenSoFar()).isEmpty();
            outbox.flush();
            assertThat(writtenSoFar()).containsExactly("a", "b");
            publish("c");
            status.flush();
            assertThat(writtenSoFar()).containsExactly("a", "b", "c");
            publish("d");
        });

        assertThat(written()).containsExactly("a", "b", "c", "d");
    }

    @Test
    void veryManyMessages_areNotHeldInMemory() {
        transaction.executeWithoutResult(status -> {
            IntStream.range(0, 1200).forEach(number -> publish("m" + number));
            assertThat(writtenSoFar()).hasSizeGreaterThanOrEqualTo(1000);
        });

        assertThat(written()).hasSize(1200).startsWith("m0", "m1").endsWith("m1199");
    }

    @Test
    void aSavepointsRollBack_undoesWhatCameAfterIt_writtenOrNot() {
        transaction.executeWithoutResult(status -> {
            publish("before");
            Object savepoint = status.createSavepoint();
            publish("undone");
            outbox.flush();
            publish("undone too");
            status.rollbackToSavepoint(savepoint);
            publish("after");
            Object second = status.createSavepoint();
            publish("kept");
            outbox.flush();
            status.releaseSavepoint(second);
        });

        assertThat(written()).containsExactly("before", "after", "kept");
    }

    @Test
    void aSavepointBeforeTheFirstMessage_isKnown() {
        transaction.executeWithoutResult(status -> {
            Object savepoint = status.createSavepoint();
            publish("undone");
            status.rollbackToSavepoint(savepoint);
        });

        assertThat(written()).isEmpty();
    }

    @Test
    void aListenerBeforeTheCommit_mayStillPublish() {
        transaction.executeWithoutResult(status -> {
            publish("first");
            context.publishEvent(new BeforeCommit("late"));
        });

        assertThat(written()).containsExactly("first", "late-1", "late-2");
    }

    @Test
    void publishingAfterTheCommit_isRefused_insteadOfLost() {
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    publish("in time");
                    afterCommit(() -> publish("too late"));
                }))
                .isInstanceOf(NoTransactionException.class)
                .hasMessageContaining("REQUIRES_NEW");
        assertThatThrownBy(() -> transaction.executeWithoutResult(
                        status -> afterCommit(() -> publish("too late, and the first"))))
                .isInstanceOf(NoTransactionException.class);
        transaction.executeWithoutResult(status -> context.publishEvent(new Late("too late")));
        assertThat(context.getBean(Listeners.class).refusal.get()).hasMessageContaining("REQUIRES_NEW");

        assertThat(written()).containsExactly("in time");
    }

    private static void afterCommit(Runnable action) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                action.run();
            }
        });
    }

    @Test
    void aNewTransactionAfterTheCommit_mayPublish() {
        TransactionTemplate inNew = new TransactionTemplate(manager);
        inNew.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(status -> {
            publish("first");
            afterCommit(() -> inNew.executeWithoutResult(inner -> publish("second")));
        });

        assertThat(written()).containsExactly("first", "second");
    }

    @Test
    void whatTheDatabaseRefuses_rollsTheTransactionBack() {
        JdbcTemplate jdbc = new JdbcTemplate(context.getBean("orders", DataSource.class));
        jdbc.execute("create table if not exists placed (id varchar(10))");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    jdbc.update("insert into placed values ('x')");
                    publish("never");
                    jdbc.execute("alter table outbox_message rename to hidden");
                }))
                .isInstanceOf(StoreException.class);

        assertThat(jdbc.queryForObject("select count(*) from placed", Integer.class))
                .isZero();
        assertThat(written()).isEmpty();
    }

    @Test
    void theDataSourceOfTheTransaction_takesTheMessage() {
        inBilling.executeWithoutResult(status -> publish("billing"));
        transaction.executeWithoutResult(status -> {
            publish("orders");
            inBilling.executeWithoutResult(inner -> publish("billing within orders"));
            publish("orders again");
        });

        assertThat(writtenInBilling()).containsExactly("billing", "billing within orders");
        assertThat(written()).containsExactly("orders", "orders again");
    }

    @Test
    void anOutboxOfOneDataSource_refusesTheTransactionsOfOthers() {
        SpringOutbox billing = outbox.on("billing");
        inBilling.executeWithoutResult(status -> publish(billing, "named"));
        assertThat(writtenInBilling()).containsExactly("named");

        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> publish(billing, "wrong")))
                .isInstanceOf(NoTransactionException.class)
                .hasMessageContaining("'billing'");
        assertThatThrownBy(() -> outbox.on("nothing"))
                .hasMessageContaining("nothing")
                .hasMessageContaining("outbox.data-sources");
    }

    @Test
    void isolationAndSuspension_leaveTheOuterTransactionsMessagesAlone() {
        TransactionTemplate withoutAny = new TransactionTemplate(manager);
        withoutAny.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
        transaction.executeWithoutResult(status -> {
            publish("outer");
            withoutAny.executeWithoutResult(
                    inner -> assertThatThrownBy(() -> publish("none")).isInstanceOf(NoTransactionException.class));
            assertThat(writtenSoFar()).isEmpty();
        });

        assertThat(written()).containsExactly("outer");
    }

    @Test
    void withoutATransaction_aMessageGetsItsOwn_whereThatIsAllowed() {
        try (ConfigurableApplicationContext relaxed =
                run("--outbox.data-sources=orders", "--outbox.transaction-required=false")) {
            publish(relaxed.getBean(SpringOutbox.class), "alone");
        }

        assertThat(written()).containsExactly("alone");
    }

    @Test
    void severalDataSources_withoutAName_failTheStart() {
        assertThatThrownBy(() -> run()).hasStackTraceContaining("set outbox.data-sources");
        assertThatThrownBy(() -> run("--outbox.data-sources=orders,nothing"))
                .hasStackTraceContaining("'nothing', which is no DataSource");
    }
}
