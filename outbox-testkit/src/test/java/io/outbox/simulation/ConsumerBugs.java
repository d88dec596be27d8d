package io.outbox.simulation;

import io.outbox.OutboxException;
import io.outbox.TransactionRunner;
import io.outbox.spi.DedupStore;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** Planted bugs of the consuming side. */
final class ConsumerBugs {
    private ConsumerBugs() {}

    /** Records in a transaction of its own: a handler that fails is not called again. */
    static final class DedupOutside extends Wiring {
        @Override
        DedupStore<InMemoryTransaction> dedup(DedupStore<InMemoryTransaction> dedup, InMemoryTransactions database) {
            return new ForwardingDedupStore(dedup) {
                @Override
                public Set<String> record(InMemoryTransaction transaction, String group, Collection<String> ids) {
                    try (InMemoryTransaction own = database.begin()) {
                        Set<String> fresh = super.record(own, group, ids);
                        own.commit();
                        return fresh;
                    }
                }
            };
        }
    }

    /** Forgets after a moment what may still be delivered again. */
    static final class ForgetsTooSoon extends Wiring {
        @Override
        DedupStore<InMemoryTransaction> dedup(DedupStore<InMemoryTransaction> dedup, InMemoryTransactions database) {
            return new ForwardingDedupStore(dedup) {
                @Override
                public Set<String> record(InMemoryTransaction transaction, String group, Collection<String> ids) {
                    dedup.purge(Duration.ofSeconds(1), 1000);
                    return super.record(transaction, group, ids);
                }
            };
        }
    }

    /** One group's handling counts for all. */
    static final class ForgetsTheGroup extends Wiring {
        @Override
        DedupStore<InMemoryTransaction> dedup(DedupStore<InMemoryTransaction> dedup, InMemoryTransactions database) {
            return new ForwardingDedupStore(dedup) {
                @Override
                public Set<String> record(InMemoryTransaction transaction, String group, Collection<String> ids) {
                    return super.record(transaction, "all", ids);
                }
            };
        }
    }

    /** The message is acknowledged although its transaction was rolled back. */
    static final class IgnoresAFailedCommit extends Wiring {
        @Override
        TransactionRunner<InMemoryTransaction> transactions(TransactionRunner<InMemoryTransaction> transactions) {
            return new TransactionRunner<>() {
                @Override
                public <R, X extends Exception> R inTransaction(Work<InMemoryTransaction, R, X> work) throws X {
                    Done<R> done = new Done<>();
                    try {
                        return transactions.<R, X>inTransaction(transaction -> done.with(work.run(transaction)));
                    } catch (OutboxException e) {
                        if (done.result.isEmpty()) {
                            throw e;
                        }
                        return done.result.get();
                    }
                }
            };
        }
    }

    /** What the work has returned, before the commit. */
    private static final class Done<R> {
        private Optional<R> result = Optional.empty();

        R with(R value) {
            result = Optional.of(value);
            return value;
        }
    }
}
