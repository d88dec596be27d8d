package io.outbox.consumer;

import io.outbox.InvalidMessageException;
import io.outbox.TransactionRunner;
import io.outbox.TransientStoreException;
import io.outbox.consumer.Outcome.Kind;
import io.outbox.spi.DedupStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Handles messages in one transaction. When one fails, that transaction is rolled back and split there: those before it are
 * handled once more, without it; then those after it, except what is ordered behind it. So a failure costs about as much as
 * the messages before it, and messages that pass cost no savepoint. Confined to one thread, for one call.
 */
final class Batch<T> {
    private static final int NONE = -1;

    private final String group;
    private final TransactionRunner<T> transactions;
    private final DedupStore<T> dedup;
    private final MessageHandler<T, ? extends Exception> handler;
    private final List<ReceivedMessage> messages;
    private final @Nullable Object[] order;
    private final @Nullable Outcome[] outcomes;
    private final Set<Object> blocked = new HashSet<>();

    /** The message whose handler is running. */
    private int current = NONE;
    /** A handler was called in this transaction: before that there is only the database to blame. */
    private boolean entered;

    private @Nullable Exception storeFailure;

    Batch(
            String group,
            TransactionRunner<T> transactions,
            DedupStore<T> dedup,
            MessageHandler<T, ? extends Exception> handler,
            List<ReceivedMessage> messages,
            Function<ReceivedMessage, @Nullable Object> orderedBy) {
        this.group = group;
        this.transactions = transactions;
        this.dedup = dedup;
        this.handler = handler;
        this.messages = messages;
        order = messages.stream().map(orderedBy).toArray();
        outcomes = new Outcome[messages.size()];
    }

    List<Outcome> run() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            all.add(i);
        }
        handle(all);
        List<Outcome> complete = new ArrayList<>(outcomes.length);
        for (int i = 0; i < outcomes.length; i++) {
            Outcome outcome = outcomes[i];
            complete.add(outcome != null ? outcome : outcome(i, Kind.STORE_FAILED, storeFailure));
        }
        return complete;
    }

    private void handle(List<Integer> given) {
        List<Integer> rest = given;
        while (!rest.isEmpty() && storeFailure == null) {
            List<Integer> now = unblocked(rest);
            Exception failure = now.isEmpty() ? null : tryInOneTransaction(now);
            if (failure == null) {
                return;
            }
            if (current == NONE) {
                failedAsAWhole(now, failure);
                return;
            }
            int at = now.indexOf(current);
            failed(current, failure);
            handle(now.subList(0, at));
            rest = now.subList(at + 1, now.size());
        }
    }

    /** Leaves those out that stand behind one that failed. */
    private List<Integer> unblocked(List<Integer> rest) {
        List<Integer> now = new ArrayList<>();
        for (int i : rest) {
            if (order[i] != null && blocked.contains(order[i])) {
                outcomes[i] = outcome(i, Kind.BEHIND, null);
            } else {
                now.add(i);
            }
        }
        return now;
    }

    /** Returns why it was rolled back; null when it committed. */
    private @Nullable Exception tryInOneTransaction(List<Integer> now) {
        current = NONE;
        entered = false;
        Outcome[] made = new Outcome[now.size()];
        try {
            int unused = transactions.<Integer, Exception>inTransaction(transaction -> {
                Set<String> recorded = dedup.record(
                        transaction,
                        group,
                        now.stream().map(i -> messages.get(i).id()).toList());
                Set<String> fresh = new HashSet<>(recorded);
                for (int i = 0; i < made.length; i++) {
                    made[i] = handle(transaction, now.get(i), fresh);
                }
                if (!recorded.isEmpty()) {
                    dedup.verifyRecorded(transaction, group, recorded);
                }
                return made.length;
            });
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return e;
        }
        for (int i = 0; i < made.length; i++) {
            outcomes[now.get(i)] = made[i];
        }
        return null;
    }

    private Outcome handle(T transaction, int index, Set<String> fresh) throws Exception {
        ReceivedMessage message = messages.get(index);
        if (!fresh.remove(message.id())) {
            return outcome(index, Kind.DUPLICATE, null);
        }
        current = index;
        entered = true;
        IdempotentConsumer.call(handler, transaction, message);
        dedup.verify(transaction);
        current = NONE;
        return outcome(index, Kind.HANDLED, null);
    }

    private void failed(int index, Exception failure) {
        Kind kind = kind(failure);
        if (kind == Kind.STORE_FAILED) {
            storeFailure = failure;
            return;
        }
        outcomes[index] = outcome(index, kind, failure);
        Object key = order[index];
        if (key != null) {
            blocked.add(key);
        }
    }

    private static Kind kind(Exception failure) {
        if (failure instanceof RejectedMessageException || failure instanceof InvalidMessageException) {
            return Kind.REJECTED;
        }
        if (failure instanceof RetryLaterException) {
            return Kind.POSTPONED;
        }
        return failure instanceof TransientStoreException ? Kind.STORE_FAILED : Kind.FAILED;
    }

    /** The transaction failed at no message: at its begin, at the dedup store or at its commit. */
    private void failedAsAWhole(List<Integer> now, Exception failure) {
        if (!entered || failure instanceof TransientStoreException) {
            storeFailure = failure;
        } else if (now.size() == 1) {
            failed(now.get(0), failure);
        } else { // a constraint that is checked at the commit: one of them is to blame
            now.forEach(i -> handle(List.of(i)));
        }
    }

    private Outcome outcome(int index, Kind kind, @Nullable Throwable failure) {
        return new Outcome(messages.get(index), kind, failure);
    }

    @Override
    public String toString() {
        return "batch of " + messages.size() + ", " + Arrays.toString(outcomes);
    }
}
