package io.outbox.spring;

import io.outbox.NoTransactionException;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The data sources that messages can be published in.
 *
 * @param all at least one; the first is the default
 */
record OutboxTargets(List<OutboxTarget> all) {
    /** The data source whose manager began the transaction; if that one is unknown, the one whose connection it uses. */
    OutboxTarget of(@Nullable OutboxTransaction transaction) {
        if (all.size() == 1) {
            return first();
        }
        List<OutboxTarget> found = having(target ->
                transaction != null && transaction.isOf(target.source().manager()));
        if (found.isEmpty()) {
            found = having(OutboxTarget::isBound);
        }
        if (found.size() != 1) {
            throw new NoTransactionException("the current transaction includes "
                    + (found.isEmpty() ? "none" : "several") + " of the outbox's DataSources " + names()
                    + ": name one by on(\"…\"), or the transaction manager of one by @Transactional");
        }
        return found.get(0);
    }

    OutboxTarget first() {
        return all.get(0);
    }

    List<OutboxTarget> having(Predicate<OutboxTarget> property) {
        return all.stream().filter(property).toList();
    }

    String names() {
        return all.stream().map(OutboxTarget::name).collect(Collectors.joining(", "));
    }
}
