package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.Transactions;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Relays as processes of their own, on a real PostgreSQL and a real Kafka, that come, go, stop and die under load. */
class RelayProcessesIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final KafkaServer KAFKA = TestServers.kafka();
    private static final int KEYS = 20;
    private static final int SHARDS = 64;

    private final TestDatabase database = TestServers.postgres().createDatabase();
    private final String topic = Samples.topic("relays");
    private final List<RelayProcess> processes = new ArrayList<>();
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final AtomicInteger written = new AtomicInteger();

    @AfterEach
    void close() throws InterruptedException {
        writing.set(false);
        for (RelayProcess process : processes) {
            process.kill();
        }
    }

    @Test
    void relaysThatAreStoppedContinuedEndedAndKilled_loseNothingAndKeepEachKeysOrder() throws Exception {
        KAFKA.createTopic(topic, 4);
        OutboxSchema.of(database.dataSource()).create();
        RelayProcess first = startRelay(Duration.ZERO);
        awaitOwners(1);
        Thread writer = new Thread(this::write, "writer");
        writer.start();

        RelayProcess anHourAhead = startRelay(Duration.ofHours(1));
        awaitOwners(2);
        first.signal("STOP");
        awaitOwners(1);
        first.signal("CONT");
        awaitOwners(2);
        RelayProcess anHourBehind = startRelay(Duration.ofHours(-1));
        awaitOwners(3);
        anHourAhead.kill();
        awaitOwners(2);
        first.signal("TERM");
        assertThat(first.awaitEnd()).isTrue();
        awaitOwners(1);
        RelayProcess last = startRelay(Duration.ZERO);
        awaitOwners(2);
        anHourBehind.kill();
        awaitOwners(1);
        writing.set(false);
        writer.join();

        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), topic)) {
            var records = reader.until(
                    all -> FirstDeliveries.of(all).byKey().values().stream()
                                    .mapToInt(List::size)
                                    .sum()
                            >= written.get(),
                    LONG);
            FirstDeliveries.of(records).assertComplete(written.get(), KEYS);
        }
        last.signal("TERM");
        assertThat(last.awaitEnd()).isTrue();
        await().atMost(LONG).until(() -> number("select count(*) from outbox_message") == 0);
    }

    @Test
    void aRelayThatIsToldToEnd_givesItsLeasesBackInItsShutdownHook() throws Exception {
        KAFKA.createTopic(topic, 4);
        OutboxSchema.of(database.dataSource()).create();
        RelayProcess relay = startRelay(Duration.ZERO);
        awaitOwners(1);

        relay.signal("TERM");

        assertThat(relay.awaitEnd()).isTrue();
        assertThat(number("select count(*) from outbox_lease where owner is not null"))
                .isZero();
        assertThat(number("select count(*) from outbox_relay")).isZero();
    }

    private RelayProcess startRelay(Duration clockOff) throws IOException {
        RelayProcess process = RelayProcess.start(
                database.jdbcUrl(), database.user(), database.password(), KAFKA.bootstrapServers(), clockOff);
        processes.add(process);
        return process;
    }

    /** Waits until so many living relays have all shards, each its fair share. */
    private void awaitOwners(int relays) {
        await().atMost(LONG)
                .until(() -> number("select count(*) from (select owner from outbox_lease l where exists"
                                        + " (select 1 from outbox_relay r where r.relay_id = l.owner and r.expires_at > clock_timestamp())"
                                        + " group by owner having count(*) between " + SHARDS / relays + " and "
                                        + (SHARDS / relays + 1) + ") fair")
                                == relays
                        && number("select count(*) from outbox_relay where expires_at > clock_timestamp()") == relays);
    }

    private void write() {
        JdbcOutboxStore store = JdbcOutboxStore.of(database.dataSource());
        Outbox<Connection> outbox = Outbox.builder(store).build();
        Transactions transactions = Transactions.of(database.dataSource());
        while (writing.get() || written.get() < KEYS) {
            int number = written.get();
            transactions.inTransaction(connection -> outbox.publish(
                    connection,
                    Message.to(topic)
                            .key("k" + number % KEYS)
                            .type("counted")
                            .payload(Integer.toString(number))
                            .build()));
            written.incrementAndGet();
        }
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
