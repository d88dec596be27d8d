package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.PublishOutcome.Scope;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DispatcherTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final AtomicLong skew = new AtomicLong();
    private final List<ScriptedProducer> producers = new CopyOnWriteArrayList<>();
    private final Outcomes outcomes = new Outcomes();
    private final PublisherSettings settings = PublisherSettings.of(
            Map.of("bootstrap.servers", "localhost:1"), Duration.ofSeconds(10), Duration.ofMillis(100));
    private final Dispatcher dispatcher =
            new Dispatcher(settings, this::producer, () -> System.nanoTime() + skew.get());

    private ScriptedProducer producer(boolean forSuspects) {
        ScriptedProducer producer =
                new ScriptedProducer().topic("a", 1).topic("b", 1).topic("wide", 3);
        producers.add(producer);
        return producer;
    }

    @AfterEach
    void close() {
        dispatcher.close();
    }

    private void publish(String topic, String id) {
        publish(topic, "k", id);
    }

    private void publish(String topic, String key, String id) {
        StoredMessage message = Samples.message(topic, key, id);
        dispatcher.publish(message, key == null ? null : RecordEncoder.bytes(key), List.of(), outcomes.of(id));
    }

    private ScriptedProducer awaitSent(int producer, String... ids) {
        await().atMost(LIMIT)
                .until(() -> producers.size() > producer
                        && producers.get(producer).outstanding().equals(List.of(ids)));
        return producers.get(producer);
    }

    /** Acknowledges a first message to each topic, so that their partitions are open. */
    private ScriptedProducer open(String... topics) {
        for (String topic : topics) {
            publish(topic, "open-" + topic);
            awaitSent(0, "open-" + topic).acknowledge("open-" + topic);
        }
        return producers.get(0);
    }

    private PublishOutcome outcome(String id) {
        await("outcome of " + id).atMost(LIMIT).until(() -> outcomes.ids().contains(id));
        return outcomes.all().stream()
                .filter(told -> told.id().equals(id))
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    private void assertUnavailable(String id, Scope scope) {
        assertThat(outcome(id))
                .isInstanceOfSatisfying(
                        PublishOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.scope()).isEqualTo(scope));
    }

    private void later(Duration time) {
        skew.addAndGet(time.toNanos());
    }

    @Test
    void firstMessageOfPartition_isAcknowledgedBeforeTheSecondGoes() {
        publish("a", "1");
        publish("a", "2");
        publish("a", "3");

        ScriptedProducer producer = awaitSent(0, "1");
        producer.acknowledge("1");
        awaitSent(0, "2", "3");
        publish("a", "4");
        assertThat(producer.outstanding()).containsExactly("2", "3", "4");
    }

    @Test
    void messagesWithoutKey_doNotWaitForTheFirst() {
        publish("a", null, "1");
        publish("a", null, "2");

        awaitSent(0, "1", "2");
    }

    @Test
    void rejectedMessage_letsItsKeyGoOn() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        publish("a", "2");

        producer.fail("1", new RecordTooLargeException("too large"));
        producer.acknowledge("2");

        assertThat(outcome("1")).isInstanceOf(PublishOutcome.RejectedForGood.class);
        assertThat(outcome("2")).isEqualTo(PublishOutcome.published());
        assertThat(producer.isEnded()).isFalse();
    }

    @Test
    void producerThatGivesUpWhileNobodyIsServed_endsTheChannel() {
        ScriptedProducer producer = open("a", "b");
        publish("a", "1");
        publish("a", "2");
        publish("b", "3");
        later(Duration.ofSeconds(30));

        producer.fail("1", new TimeoutException("expired"));

        assertThat(producer.isEnded()).isTrue();
        assertUnavailable("1", Scope.CHANNEL);
        assertUnavailable("2", Scope.CHANNEL);
        assertUnavailable("3", Scope.CHANNEL);
        publish("a", "4");
        publish("b", "5");
        awaitSent(1, "4", "5");
    }

    @Test
    void producerThatGivesUpWhileOthersAreServed_endsTheDestination() {
        ScriptedProducer producer = open("a", "b");
        publish("a", "1");
        publish("b", "2");
        publish("b", "3");
        later(Duration.ofSeconds(30));
        producer.acknowledge("2");

        producer.fail("1", new TimeoutException("expired"));

        assertUnavailable("1", Scope.DESTINATION);
        assertUnavailable("3", Scope.CHANNEL);
    }

    @Test
    void partitionWithoutLeader_isUnavailableDestinationThoughNobodyIsServed() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        producer.loseLeader("a");
        later(Duration.ofSeconds(30));

        producer.fail("1", new TimeoutException("expired"));

        assertUnavailable("1", Scope.DESTINATION);
    }

    @Test
    void topicThatVanished_isRejectedForNow() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        producer.forget("a");

        producer.fail("1", new TimeoutException("expired"));

        assertThat(outcome("1")).isInstanceOf(PublishOutcome.RejectedForNow.class);
    }

    @Test
    void suspectTopic_hasAProducerOfItsOwnUntilItIsAcknowledged() {
        ScriptedProducer first = open("a", "b");
        publish("a", "1");
        first.loseLeader("a");
        first.fail("1", new TimeoutException("expired"));

        publish("b", "2");
        awaitSent(1, "2").acknowledge("2");
        publish("a", "3");
        ScriptedProducer forSuspects = awaitSent(2, "3");
        forSuspects.fail("3", new TimeoutException("expired"));
        assertUnavailable("3", Scope.DESTINATION);
        assertThat(producers.get(1).isEnded()).isFalse();

        publish("a", "4");
        awaitSent(3, "4").acknowledge("4");
        assertThat(outcome("4")).isEqualTo(PublishOutcome.published());
        publish("a", "5");
        awaitSent(1, "5");
        await().atMost(LIMIT).until(() -> producers.get(3).isEnded());
    }

    @Test
    void publishWhileOutcomesAreTold_endsTheSameWay() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        Outcomes nested = new Outcomes();
        dispatcher.publish(Samples.message("a", "k", "2"), RecordEncoder.bytes("k"), List.of(), outcome -> {
            outcomes.of("2").complete(outcome);
            dispatcher.publish(
                    Samples.message("a", "k", "nested"), RecordEncoder.bytes("k"), List.of(), nested.of("nested"));
        });

        producer.fail("1", new TimeoutException("expired"));

        assertThat(outcome("2")).isInstanceOf(PublishOutcome.Unavailable.class);
        assertThat(nested.all()).hasSize(1);
        assertThat(nested.all().get(0).outcome()).isInstanceOf(PublishOutcome.Unavailable.class);
        assertThat(producers).hasSize(1);
    }

    @Test
    void waitingMessages_shareTheEndOfTheirProducer() {
        publish("a", "1");
        publish("a", "2");
        ScriptedProducer producer = awaitSent(0, "1");

        producer.fail("1", new TimeoutException("expired"));

        assertUnavailable("1", Scope.CHANNEL);
        assertUnavailable("2", Scope.CHANNEL);
    }

    @Test
    void invalidRecordInABatch_isRejectedAloneAndItsNeighboursComeAgain() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        publish("a", "2");
        publish("a", "3");

        producer.fail("1", new KafkaException("part of a batch"));
        assertThat(producer.isEnded()).isTrue();

        assertUnavailable("1", Scope.CHANNEL);
        assertUnavailable("3", Scope.CHANNEL);
    }

    @Test
    void invalidRecord_isRejectedForGood() {
        ScriptedProducer producer = open("a");
        publish("a", "1");

        producer.fail("1", new InvalidRecordException("no key in a compacted topic"));

        assertThat(outcome("1")).isInstanceOf(PublishOutcome.RejectedForGood.class);
    }

    @Test
    void failureOfUnknownKind_countsAndEndsTheProducer() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        publish("a", "2");

        producer.fail("1", new UnknownServerException("?"));

        assertThat(producer.isEnded()).isTrue();
        assertThat(outcome("1")).isInstanceOf(PublishOutcome.RejectedForNow.class);
        assertUnavailable("2", Scope.DESTINATION);
    }

    @Test
    void forbiddenTopic_isRejectedForGoodAndForbiddenClusterIsTheChannels() {
        ScriptedProducer producer = open("a", "b");
        publish("a", "1");
        publish("b", "2");
        producer.fail("1", new TopicAuthorizationException("a"));
        assertThat(outcome("1")).isInstanceOf(PublishOutcome.RejectedForGood.class);

        producer.fail("2", new ClusterAuthorizationException("no idempotent writes"));
        assertUnavailable("2", Scope.CHANNEL);
    }

    @Test
    void producerThatThrows_isReplaced() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        producer.refuseWith(new IllegalStateException("closed"));

        publish("a", "2");

        assertUnavailable("2", Scope.CHANNEL);
        assertUnavailable("1", Scope.CHANNEL);
        await().atMost(LIMIT).until(producer::isEnded);
        await().atMost(LIMIT).until(() -> {
            publish("a", "again-" + outcomes.all().size());
            return producers.size() > 1 && !producers.get(1).outstanding().isEmpty();
        });
    }

    @Test
    void failureOfTheConfirmation_changesNothing() {
        ScriptedProducer producer = open("a");
        dispatcher.publish(Samples.message("a", "k", "1"), RecordEncoder.bytes("k"), List.of(), outcome -> {
            throw new IllegalStateException("made by the test");
        });
        producer.acknowledge("1");
        publish("a", "2");
        producer.acknowledge("2");
        assertThat(outcome("2")).isEqualTo(PublishOutcome.published());
    }

    @Test
    void producerWhoseThreadDied_isAbandoned() {
        ScriptedProducer producer = open("a");
        publish("a", "1");
        producer.die();
        later(Duration.ofSeconds(60));

        assertUnavailable("1", Scope.CHANNEL);
        await().atMost(LIMIT).until(() -> {
            publish("a", "again-" + outcomes.all().size());
            return producers.size() > 1 && !producers.get(1).outstanding().isEmpty();
        });
    }

    @Test
    void close_endsEverythingOnce() {
        open("a");
        publish("a", "1");
        publish("missing", "2");

        dispatcher.close();
        publish("a", "3");

        assertUnavailable("1", Scope.CHANNEL);
        assertUnavailable("2", Scope.CHANNEL);
        assertUnavailable("3", Scope.CHANNEL);
        assertThat(outcomes.ids()).doesNotHaveDuplicates();
    }

    @Test
    void partitions_areOpenedOneByOne() {
        for (int i = 0; i < 60; i++) {
            publish("wide", "key-" + i, "m" + i);
        }

        // each acknowledgement lets the next ones go, until all three partitions are open
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (outcomes.all().size() < 60 && System.nanoTime() < deadline) {
            if (!producers.isEmpty() && !producers.get(0).outstanding().isEmpty()) {
                producers.get(0).acknowledge(producers.get(0).outstanding().get(0));
            }
        }

        assertThat(outcomes.all()).allMatch(told -> told.outcome() instanceof PublishOutcome.Published);
        assertThat(outcomes.ids()).hasSize(60);
    }
}
