package io.outbox.testkit;

import io.outbox.spi.DedupStore;
import io.outbox.spi.OutboxStore;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;

/** The in-memory stores pass the suites that the real ones pass. */
class InMemoryContractTest {
    private record Fixture<S>(InMemoryTransactions database, S store) implements StoreFixture<S, InMemoryTransaction> {
        static <S> Fixture<S> of(Function<InMemoryTransactions, S> store) {
            InMemoryTransactions database = new InMemoryTransactions();
            return new Fixture<>(database, store.apply(database));
        }

        @Override
        public InMemoryTransaction begin() {
            return database.begin();
        }

        @Override
        public void commit(InMemoryTransaction transaction) {
            transaction.commit();
        }

        @Override
        public void rollback(InMemoryTransaction transaction) {
            transaction.rollback();
        }
    }

    @Nested
    class Messages extends OutboxStoreContract<InMemoryTransaction> {
        @Override
        protected StoreFixture<OutboxStore<InMemoryTransaction>, InMemoryTransaction> fixture() {
            return Fixture.of(InMemoryOutboxStore::new);
        }

        @Override
        protected boolean knowsWriters() {
            return true;
        }

        @Override
        protected InMemoryTransaction notATransaction() {
            InMemoryTransaction ended = begin();
            ended.rollback();
            return ended;
        }
    }

    @Nested
    class Leases extends LeaseStoreContract<InMemoryTransaction> {
        @Override
        protected StoreFixture<OutboxStore<InMemoryTransaction>, InMemoryTransaction> fixture() {
            return Fixture.of(InMemoryOutboxStore::new);
        }
    }

    @Nested
    class Parked extends ParkedStoreContract<InMemoryTransaction> {
        @Override
        protected StoreFixture<OutboxStore<InMemoryTransaction>, InMemoryTransaction> fixture() {
            return Fixture.of(InMemoryOutboxStore::new);
        }
    }

    @Nested
    class Archive extends ArchiveStoreContract<InMemoryTransaction> {
        @Override
        protected StoreFixture<OutboxStore<InMemoryTransaction>, InMemoryTransaction> fixture() {
            return Fixture.of(InMemoryOutboxStore::new);
        }
    }

    @Nested
    class Dedup extends DedupStoreContract<InMemoryTransaction> {
        @Override
        protected StoreFixture<DedupStore<InMemoryTransaction>, InMemoryTransaction> fixture() {
            return Fixture.of(InMemoryDedupStore::new);
        }
    }
}
