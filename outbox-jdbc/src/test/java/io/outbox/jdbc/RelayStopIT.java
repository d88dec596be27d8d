package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.Relay;
import io.outbox.testkit.InProcessPublisher;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of a relay, on a real PostgreSQL. */
class RelayStopIT {
    private final RelaySetting setting = new RelaySetting(TestServers.postgres().createDatabase());

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void stop_withALimitBeyondAllCounting_waitsAndGivesTheLeasesBack() {
        Relay relay = setting.relay(setting.broker.publisher())
                .leaseTime(Duration.ofMinutes(5))
                .build();
        relay.start();
        setting.publish("k");
        await().until(() -> setting.arrived().size() == 1);

        assertThat(relay.stop(ChronoUnit.FOREVER.getDuration())).isTrue();

        Relay next = setting.startRelay();
        await().until(() -> next.status().channel("default").leases().size() == 64);
    }

    @Test
    void stop_afterTheExecutorWasShutDown_givesTheLeasesBack() {
        ScheduledExecutorService executor = Executors.newScheduledThreadPool(8);
        InProcessPublisher publisher = setting.broker.publisher();
        publisher.holdConfirmations();
        Relay relay = setting.relay(publisher)
                .executor(executor)
                .leaseTime(Duration.ofMinutes(5))
                .build();
        relay.start();
        setting.publish("k");
        await().until(() -> relay.status().channel("default").inFlight() == 1);
        executor.shutdownNow();

        boolean drained = relay.stop(Duration.ofMillis(100));

        assertThat(drained).isFalse();
        Relay next = setting.startRelay();
        await().until(() -> next.status().channel("default").leases().size() == 64);
        await().until(() -> setting.arrived().size() >= 1);
    }
}
