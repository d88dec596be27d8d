package io.outbox.simulation;

import io.outbox.TransactionRunner;
import io.outbox.spi.DedupStore;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.Publisher;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;

/** How a simulation is put together: as it should be. A planted bug replaces one part; one object serves one run. */
class Wiring {
    /** The store of the writers. */
    OutboxStore<InMemoryTransaction> writersStore(
            OutboxStore<InMemoryTransaction> store, InMemoryTransactions database, World world) {
        return store;
    }

    /** The store of one relay. */
    OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
        return store;
    }

    /** The publisher of one relay. */
    Publisher publisher(Publisher publisher, World world) {
        return publisher;
    }

    /** The dedup store of the consumers. */
    DedupStore<InMemoryTransaction> dedup(DedupStore<InMemoryTransaction> dedup, InMemoryTransactions database) {
        return dedup;
    }

    /** The transactions of the consumers. */
    TransactionRunner<InMemoryTransaction> transactions(TransactionRunner<InMemoryTransaction> transactions) {
        return transactions;
    }

    /** Whether the consumers acknowledge a message before they handle it. */
    boolean acknowledgesFirst() {
        return false;
    }

    /** How many messages a relay may have in flight, where this is asked for. */
    int maxInFlight(int asked) {
        return asked;
    }
}
