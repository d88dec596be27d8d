package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.Relay;
import io.outbox.testkit.servers.DatabaseServer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The relay when its database is killed and started again under load. */
@ParameterizedClass
@MethodSource("servers")
class RelayDatabaseRestartIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final DatabaseServer database;
    private final RelaySetting setting;

    RelayDatabaseRestartIT(Supplier<DatabaseServer> server) {
        database = server.get();
        setting = new RelaySetting(database.createDatabase());
    }

    static Stream<Named<Supplier<DatabaseServer>>> servers() {
        return Engine.tested().stream()
                .filter(Engine::isServer)
                .map(engine -> Named.of(engine.name(), engine::newServer));
    }

    @AfterEach
    void close() {
        setting.close();
        database.close();
    }

    @Test
    void aKilledDatabase_isReported_andEverythingCommittedArrivesInOrderWhenItIsBack() throws Exception {
        Relay relay = setting.startRelay();
        setting.startRelay();
        try (KeyedWriters writers = new KeyedWriters(setting, 10, 6)) {
            await().atMost(LONG).until(() -> writers.count() > 300);
            database.kill();
            database.start();
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
