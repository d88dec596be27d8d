package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.RetryPolicy;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Retries of messages that were scheduled, on a real PostgreSQL. */
class ScheduledRetriesIT {
    private final RelaySetting setting = new RelaySetting(TestServers.postgres().createDatabase());

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void aMessageScheduledForLaterThanTheMaximalAge_isTriedAgainAsAnyOther() {
        setting.broker.refuse("refusing", PublishOutcome.rejectedForNow(new IllegalStateException("not yet")));
        setting.start(setting.relay(setting.broker.publisher())
                .retryPolicy(RetryPolicy.defaults()
                        .withDelays(Duration.ofMillis(100), Duration.ofMillis(100))
                        .withMaxAge(Duration.ofSeconds(1))));
        setting.transactions.inTransaction(connection -> setting.outbox.publish(
                connection,
                setting.message("refusing", "k")
                        .deliverAt(Instant.now().plusSeconds(3))
                        .build()));

        await().atMost(Duration.ofSeconds(30))
                .until(() -> setting.store.list(ParkedQuery.inState(ParkedState.SCHEDULED, ParkedState.DEAD)).stream()
                        .anyMatch(parked -> parked.attempts() > 0));

        assertThat(setting.store.list(ParkedQuery.deadLetters())).isEmpty();
    }
}
