package io.outbox.jdbc;

import io.outbox.spi.DedupStore;
import io.outbox.spi.OutboxStore;
import io.outbox.testkit.ArchiveStoreContract;
import io.outbox.testkit.DedupStoreContract;
import io.outbox.testkit.LeaseStoreContract;
import io.outbox.testkit.OutboxStoreContract;
import io.outbox.testkit.ParkedStoreContract;
import io.outbox.testkit.StoreFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The stores over JDBC pass the test kit's suites on every database. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class JdbcContractIT {
    @Parameter
    Engine engine;

    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : toClose) {
            resource.close();
        }
    }

    private <S> Fixture<S> fixture(Function<DataSource, S> store) {
        var dataSource = engine.fresh();
        toClose.add(dataSource);
        return new Fixture<>(dataSource, store.apply(dataSource));
    }

    private record Fixture<S>(DataSource dataSource, S store) implements StoreFixture<S, Connection> {
        @Override
        public Connection begin() {
            return open(false);
        }

        Connection open(boolean autoCommit) {
            try {
                Connection connection = dataSource.getConnection();
                connection.setAutoCommit(autoCommit);
                return connection;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void commit(Connection transaction) {
            try (transaction) {
                transaction.commit();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void rollback(Connection transaction) {
            try (transaction) {
                transaction.rollback();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Nested
    class Messages extends OutboxStoreContract<Connection> {
        @Override
        protected StoreFixture<OutboxStore<Connection>, Connection> fixture() {
            return JdbcContractIT.this.fixture(JdbcOutboxStore::of);
        }

        @Override
        protected boolean knowsWriters() {
            return engine.knowsWriters();
        }

        @Override
        protected boolean hasOneWriter() {
            return engine.hasOneWriter();
        }

        @Override
        protected Connection notATransaction() {
            Connection connection =
                    JdbcContractIT.this.fixture(dataSource -> dataSource).open(true);
            toClose.add(connection);
            return connection;
        }
    }

    @Nested
    class Leases extends LeaseStoreContract<Connection> {
        @Override
        protected StoreFixture<OutboxStore<Connection>, Connection> fixture() {
            return JdbcContractIT.this.fixture(JdbcOutboxStore::of);
        }
    }

    @Nested
    class Parked extends ParkedStoreContract<Connection> {
        @Override
        protected StoreFixture<OutboxStore<Connection>, Connection> fixture() {
            return JdbcContractIT.this.fixture(JdbcOutboxStore::of);
        }
    }

    @Nested
    class Archive extends ArchiveStoreContract<Connection> {
        @Override
        protected StoreFixture<OutboxStore<Connection>, Connection> fixture() {
            return JdbcContractIT.this.fixture(JdbcOutboxStore::of);
        }
    }

    @Nested
    class Dedup extends DedupStoreContract<Connection> {
        @Override
        protected StoreFixture<DedupStore<Connection>, Connection> fixture() {
            return JdbcContractIT.this.fixture(JdbcDedupStore::of);
        }
    }
}
