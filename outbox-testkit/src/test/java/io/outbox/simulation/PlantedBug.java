package io.outbox.simulation;

import io.outbox.simulation.Violation.Promise;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.util.List;
import java.util.function.Supplier;

/** A known bug, which the simulation must find: the promise it breaks, and a seed that shows it. */
enum PlantedBug {
    LATE_COMMITS_ARE_NOT_LOOKED_FOR(Promise.LATE_COMMIT, StoreBugs.LateCommitsAreNotLookedFor::new),
    DELETES_A_RANGE_OF_IDS(Promise.AT_LEAST_ONCE, StoreBugs.DeletesARange::new),
    READS_ON_AFTER_A_FAILED_READ(Promise.ORDER, StoreBugs.ReadsOnAfterAFailure::new),
    SNAPSHOT_IS_YOUNGER_THAN_ITS_ROWS(Promise.ORDER, StoreBugs.SnapshotIsYounger::new),
    MARK_IS_ABOVE_A_RUNNING_TRANSACTION(Promise.LATE_COMMIT, StoreBugs.MarkIsTooHigh::new),
    BLOCKED_KEYS_ARE_NOT_TOLD(Promise.ORDER, StoreBugs.BlockedKeysAreNotTold::new),
    RETRY_OVERTAKES_ITS_PREDECESSOR(Promise.ORDER, StoreBugs.RetryOvertakes::new),
    PARKS_WITHOUT_A_LEASE(Promise.ORDER, StoreBugs.ParksWithoutALease::new),
    FAILED_PARK_COUNTS_AS_DONE(Promise.ORDER, StoreBugs.FailedParkCountsAsDone::new),
    LEASE_OUTLIVES_ITS_EXPIRY(Promise.ORDER, StoreBugs.LeaseOutlivesItsExpiry::new),
    HAND_OVER_IS_LOST(Promise.AT_LEAST_ONCE, StoreBugs.HandOverIsLost::new),
    SCHEDULED_MESSAGES_GO_AT_ONCE(Promise.ON_TIME, StoreBugs.ScheduledGoAtOnce::new),
    WRITES_IN_A_TRANSACTION_OF_ITS_OWN(Promise.ATOMIC, () -> new Wiring() {
        @Override
        OutboxStore<InMemoryTransaction> writersStore(
                OutboxStore<InMemoryTransaction> store, InMemoryTransactions database, World world) {
            return new ForwardingStore(store) {
                @Override
                public void append(InMemoryTransaction transaction, List<OutboxRecord> messages) {
                    try (InMemoryTransaction own = database.begin()) {
                        super.append(own, messages);
                        own.commit();
                    }
                }
            };
        }
    }),
    ACKNOWLEDGED_BEFORE_IT_IS_PUBLISHED(Promise.AT_LEAST_ONCE, () -> new PublisherBug() {
        @Override
        void publish(Publisher publisher, StoredMessage message, Publisher.Confirmation confirmation) {
            confirmation.complete(PublishOutcome.published());
            publisher.publish(message, outcome -> {});
        }
    }),
    TIME_OUT_COUNTS_AS_ACKNOWLEDGED(Promise.AT_LEAST_ONCE, () -> new PublisherBug() {
        @Override
        void publish(Publisher publisher, StoredMessage message, Publisher.Confirmation confirmation) {
            publisher.publish(
                    message,
                    outcome -> confirmation.complete(
                            outcome instanceof PublishOutcome.Unavailable ? PublishOutcome.published() : outcome));
        }
    }),
    SEVERAL_OF_A_KEY_IN_FLIGHT(Promise.ORDER, () -> new PublisherBug() {
        @Override
        boolean keepsOrder(Publisher publisher) {
            return true;
        }
    }),
    WINDOW_HAS_NO_LIMIT(Promise.BOUNDED, () -> new Wiring() {
        @Override
        int maxInFlight(int asked) {
            return 100_000;
        }
    }),
    DEDUP_OUTSIDE_OF_THE_TRANSACTION(Promise.EFFECT_ONCE, ConsumerBugs.DedupOutside::new),
    DEDUP_FORGETS_TOO_SOON(Promise.EFFECT_ONCE, ConsumerBugs.ForgetsTooSoon::new),
    DEDUP_FORGETS_THE_GROUP(Promise.EFFECT_ONCE, ConsumerBugs.ForgetsTheGroup::new),
    FAILED_COMMIT_IS_IGNORED(Promise.EFFECT_ONCE, ConsumerBugs.IgnoresAFailedCommit::new),
    ACKNOWLEDGED_BEFORE_IT_IS_HANDLED(Promise.EFFECT_ONCE, () -> new Wiring() {
        @Override
        boolean acknowledgesFirst() {
            return true;
        }
    });

    final Promise breaks;
    private final Supplier<Wiring> wiring;

    PlantedBug(Promise breaks, Supplier<Wiring> wiring) {
        this.breaks = breaks;
        this.wiring = wiring;
    }

    /** For one run. */
    Wiring wiring() {
        return wiring.get();
    }

    /** Whether a run with this seed shows the bug. */
    boolean isFoundBy(long seed) {
        return new Simulation(seed, wiring()).run().stream().anyMatch(violation -> violation.promise() == breaks);
    }

    /** A wiring that changes the publisher. */
    private abstract static class PublisherBug extends Wiring {
        void publish(Publisher publisher, StoredMessage message, Publisher.Confirmation confirmation) {
            publisher.publish(message, confirmation);
        }

        boolean keepsOrder(Publisher publisher) {
            return publisher.keepsOrder();
        }

        @Override
        final Publisher publisher(Publisher publisher, World world) {
            PublisherBug bug = this;
            return new Publisher() {
                @Override
                public void publish(StoredMessage message, Confirmation confirmation) {
                    bug.publish(publisher, message, confirmation);
                }

                @Override
                public boolean keepsOrder() {
                    return bug.keepsOrder(publisher);
                }

                @Override
                public void close() {
                    publisher.close();
                }
            };
        }
    }
}
