package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.Relay;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The relay when its PostgreSQL is killed and started again under load. */
class RelayDatabaseRestartIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final PostgresServer postgres = TestServers.newPostgres();
    private final RelaySetting setting = new RelaySetting(postgres.jdbcUrl(), postgres.user(), postgres.password());

    @AfterEach
    void close() {
        setting.close();
        postgres.close();
    }

    @Test
    void aKilledDatabase_isReported_andEverythingCommittedArrivesInOrderWhenItIsBack() throws Exception {
        Relay relay = setting.startRelay();
        setting.startRelay();
        try (KeyedWriters writers = new KeyedWriters(setting, 10, 6)) {
            await().atMost(LONG).until(() -> writers.count() > 300);
            postgres.kill();
            postgres.start();
            int before = writers.count();
            await().atMost(LONG).until(() -> writers.count() > before + 300);
            writers.close();

            await().atMost(LONG)
                    .untilAsserted(() -> writers.committed.forEach((key, committed) -> {
                        List<String> arrived = setting.firstDeliveries().getOrDefault(key, List.of()).stream()
                                .filter(payload -> !writers.unknown.containsKey(payload))
                                .toList();
                        assertThat(arrived).isEqualTo(committed);
                    }));
        }
        await().atMost(LONG)
                .until(() -> relay.status().channel("default").lastFailure().isEmpty());
    }
}
