package io.outbox.spring;

import io.outbox.consumer.DedupExpiry;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.relay.Relay;
import io.outbox.spi.Publisher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The outboxes of the application. The first one's parts are beans, which the application may replace; those of the others are made
 * and closed here. Thread-safe.
 */
final class OutboxUnits implements AutoCloseable {
    private final List<OutboxUnit> units = new ArrayList<>();
    private final List<Runnable> owned = new ArrayList<>();

    OutboxUnits(OutboxUnit first) {
        units.add(first);
    }

    /** Adds the outbox of a further data source, with a relay of its own if there are publishers for one. */
    void add(OutboxDataSource source, OutboxParts parts, Optional<PublisherFactory> publishers) {
        JdbcOutboxStore store = parts.store(source.dataSource());
        JdbcDedupStore dedup = parts.dedup(source.dataSource());
        SpringTransactions transactions = SpringTransactions.of(source.dataSource(), source.manager());
        List<Relay> relays = new ArrayList<>();
        publishers.ifPresent(factory -> {
            Publisher publisher = factory.create();
            owned.add(publisher::close);
            relays.add(parts.relay(store, publisher));
        });
        Duration keepFor = parts.properties().dedup().keepFor();
        if (keepFor != null) {
            owned.add(DedupExpiry.builder(dedup, keepFor).start()::close);
        }
        OutboxTarget target =
                new OutboxTarget(source, parts.outbox(store), transactions, () -> relays.forEach(Relay::wake));
        units.add(new OutboxUnit(target, store, dedup, () -> relays));
    }

    List<OutboxUnit> all() {
        return List.copyOf(units);
    }

    OutboxTargets targets() {
        return new OutboxTargets(units.stream().map(OutboxUnit::target).toList());
    }

    /** The unit of a data source; the first one without a name. */
    OutboxUnit named(@Nullable String dataSource) {
        return units.stream()
                .filter(unit -> dataSource == null || unit.name().equals(dataSource))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("there is no outbox in a DataSource '" + dataSource + "'"));
    }

    /** The unit whose transaction the thread is in; the first one where it is in none. */
    OutboxUnit current() {
        if (units.size() == 1 || !TransactionSynchronizationManager.isSynchronizationActive()) {
            return units.get(0);
        }
        return named(targets().of(OutboxTransaction.current()).name());
    }

    /** The relays, by data source; where there is more than one in one, the others have a number. */
    Map<String, Relay> relays() {
        Map<String, Relay> relays = new LinkedHashMap<>();
        for (OutboxUnit unit : units) {
            for (Relay relay : unit.relays().get()) {
                String name = unit.name();
                relays.put(relays.containsKey(name) ? name + "-" + relays.size() : name, relay);
            }
        }
        return relays;
    }

    @Override
    public void close() {
        owned.forEach(Runnable::run);
    }
}
