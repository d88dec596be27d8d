package io.outbox.spring;

import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.relay.Relay;
import io.outbox.spi.DedupStore;
import java.sql.Connection;
import java.util.List;
import java.util.function.Supplier;

/**
 * The outbox of a data source with all that belongs to it.
 *
 * @param target where messages are published
 * @param store the tables
 * @param dedup remembers what was handled
 * @param relays the relays of this process, at most one unless the application has made more itself
 */
record OutboxUnit(
        OutboxTarget target, JdbcOutboxStore store, DedupStore<Connection> dedup, Supplier<List<Relay>> relays) {

    String name() {
        return target.name();
    }
}
