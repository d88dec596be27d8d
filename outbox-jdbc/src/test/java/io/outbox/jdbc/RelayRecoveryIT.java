package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.RelayListener;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the database is back, nothing that was known before is relied on. On H2, where a message can be passed over at will. */
class RelayRecoveryIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final RelaySetting setting = new RelaySetting(Engine.H2.freshDatabase());
    private final AtomicInteger failures = new AtomicInteger();
    private final RelayListener counting = RelaySetting.counting(failures);

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void aMessageThatWasPassedOver_isFoundWhenTheDatabaseIsBack() throws Exception {
        setting.start(setting.relay(setting.broker.publisher())
                .leaseTime(Duration.ofMinutes(1))
                .maxTransactionTime(Duration.ofMillis(1))
                .listener(counting));
        String late;
        try (Connection open = setting.dataSource.getConnection()) {
            open.setAutoCommit(false);
            late = setting.outbox.publish(open, setting.message("late").build());
            for (int i = 1; i <= 3; i++) {
                setting.publish("k");
                int count = i;
                await().atMost(LONG).until(() -> setting.arrived().size() == count);
            }
            open.commit();
        }
        setting.publish("k");
        await().atMost(LONG).until(() -> setting.arrived().size() == 4);
        assertThat(setting.arrivedIds()).as("it was passed over").doesNotContain(late);

        List<Connection> all = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                all.add(setting.dataSource.getConnection());
            }
            await().atMost(LONG).until(() -> failures.get() >= 3);
        } finally {
            for (Connection one : all) {
                one.close();
            }
        }

        await().atMost(LONG).until(() -> setting.arrivedIds().contains(late));
    }
}
