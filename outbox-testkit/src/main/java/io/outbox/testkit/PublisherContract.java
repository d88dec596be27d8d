package io.outbox.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.consumer.ReceivedMessage;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link io.outbox.spi.Publisher} must do with a real broker behind it. */
public abstract class PublisherContract {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Instant CREATED = Instant.parse("2026-03-01T10:20:30.123456Z");

    private final ConcurrentMap<String, List<PublishOutcome>> outcomes = new ConcurrentHashMap<>();
    private @Nullable PublisherFixture fixture;
    private long nextId;

    /** For subclasses. */
    protected PublisherContract() {}

    /**
     * Makes the publisher of one test.
     *
     * @return a publisher and its broker
     */
    protected abstract PublisherFixture fixture();

    @BeforeEach
    final void makeFixture() {
        fixture = fixture();
    }

    @AfterEach
    final void closeFixture() {
        present().close();
    }

    private PublisherFixture present() {
        return requireNonNull(fixture, "fixture");
    }

    @Test
    void publish_carriesEverythingAMessageHas() {
        String destination = present().newDestination();
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        Map<String, String> headers = Map.of(
                "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "größe", "übergroß 😀");
        publish(new OutboxRecord(
                "id-1", "default", destination, "k 😀", "order.paid", "application/x-thing", headers, bytes, null));

        ReceivedMessage received = present().received(destination, 1).get(0);
        assertThat(received.id()).isEqualTo("id-1");
        assertThat(received.key()).isEqualTo("k 😀");
        assertThat(received.type()).isEqualTo("order.paid");
        assertThat(received.contentType()).isEqualTo("application/x-thing");
        assertThat(received.payload()).isEqualTo(bytes);
        assertThat(received.headers()).containsAllEntriesOf(headers);
        awaitOutcomes(1);
        assertThat(outcome("id-1")).isInstanceOf(PublishOutcome.Published.class);
    }

    @Test
    void publish_ofThousandsAtOnce_acknowledgesAllAndKeepsTheOrderItPromises() {
        String destination = present().newDestination();
        int count = 3000;
        for (int i = 0; i < count; i++) {
            publish(destination, "m" + i, "k" + i % 10);
        }
        awaitOutcomes(count);

        assertThat(outcomes.values()).allMatch(list -> list.get(0) instanceof PublishOutcome.Published);
        List<ReceivedMessage> received = present().received(destination, count);
        assertThat(received)
                .extracting(ReceivedMessage::id)
                .doesNotHaveDuplicates()
                .hasSize(count);
        if (present().publisher().keepsOrder()) {
            byKey(received).values().forEach(ids -> assertThat(ids).isSorted());
        }
    }

    @Test
    void publish_toAnUnknownDestination_isRefusedAndLeavesOthersAlone() {
        String destination = present().newDestination();
        publish(present().unknownDestination(), "lost", "k");
        publish(destination, "m1", "k");
        publish(destination, "m2", "other");
        awaitOutcomes(3);

        assertThat(outcome("lost"))
                .satisfiesAnyOf(
                        outcome -> assertThat(outcome).isInstanceOf(PublishOutcome.RejectedForNow.class),
                        outcome -> assertThat(outcome)
                                .isInstanceOfSatisfying(
                                        PublishOutcome.Unavailable.class,
                                        unavailable -> assertThat(unavailable.scope())
                                                .isEqualTo(PublishOutcome.Scope.DESTINATION)));
        assertThat(present().received(destination, 2))
                .extracting(ReceivedMessage::id)
                .contains("m1", "m2");
    }

    @Test
    void publish_ofTooLargeAMessage_isRefusedForGoodAndLeavesOthersAlone() {
        String destination = present().newDestination();
        publish(new OutboxRecord(
                "large",
                "default",
                destination,
                "k",
                "t",
                "c",
                Map.of(),
                new byte[present().tooLarge()],
                null));
        publish(destination, "m1", "other");
        awaitOutcomes(2);

        assertThat(outcome("large")).isInstanceOf(PublishOutcome.RejectedForGood.class);
        assertThat(outcome("m1")).isInstanceOf(PublishOutcome.Published.class);
    }

    @Test
    void publish_whileTheBrokerIsAway_returnsAtOnce_endsAsUnavailable_andWorksAgainAfterwards() {
        String destination = present().newDestination();
        publish(destination, "before", "k");
        awaitOutcomes(1);
        present().stopBroker();
        CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> publish(destination, "during", "k"));
        await("publish returns though the broker is away")
                .atMost(Duration.ofSeconds(2))
                .until(publishing::isDone);
        awaitOutcomes(2);

        assertThat(outcome("during"))
                .isInstanceOfSatisfying(
                        PublishOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.scope()).isEqualTo(PublishOutcome.Scope.CHANNEL));
        present().startBroker();
        await().atMost(LONG).until(() -> {
            String id = "after-" + nextId;
            publish(destination, id, "k");
            await().atMost(LONG).until(() -> outcomes.containsKey(id));
            return outcome(id) instanceof PublishOutcome.Published;
        });
    }

    @Test
    void close_endsEverythingOutstanding_onceEach() {
        String destination = present().newDestination();
        for (int i = 0; i < 500; i++) {
            publish(destination, "m" + i, "k" + i % 3);
        }
        present().publisher().close();
        present().publisher().close();
        publish(destination, "late", "k");
        awaitOutcomes(501);

        assertThat(outcomes.values()).allMatch(list -> list.size() == 1);
        assertThat(outcome("late")).isInstanceOf(PublishOutcome.Unavailable.class);
    }

    private void publish(String destination, String id, String key) {
        byte[] payload = id.getBytes(StandardCharsets.UTF_8);
        publish(new OutboxRecord(id, "default", destination, key, "t", "text/plain", Map.of(), payload, null));
    }

    private void publish(OutboxRecord message) {
        nextId++;
        StoredMessage stored =
                new StoredMessage(nextId, message.shard(64), CREATED, 1, message.payload().length, message);
        present()
                .publisher()
                .publish(
                        stored,
                        outcome -> outcomes.computeIfAbsent(message.messageId(), id -> new CopyOnWriteArrayList<>())
                                .add(outcome));
    }

    private void awaitOutcomes(int count) {
        await().atMost(LONG).until(() -> outcomes.size() >= count);
    }

    private PublishOutcome outcome(String id) {
        return requireNonNull(outcomes.get(id), id).get(0);
    }

    private static Map<String, List<Integer>> byKey(List<ReceivedMessage> received) {
        Map<String, List<Integer>> byKey = new HashMap<>();
        for (ReceivedMessage message : received) {
            byKey.computeIfAbsent(String.valueOf(message.key()), key -> new ArrayList<>())
                    .add(Integer.valueOf(message.id().substring(1)));
        }
        return byKey;
    }
}
