package io.outbox.spring;

import io.outbox.Message;
import io.outbox.NoTransactionException;
import io.outbox.Outbox;
import java.sql.Connection;
import java.util.Collection;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Where a Spring application publishes: writes messages into the outbox table in the transaction of the calling thread, whether
 * JdbcTemplate, JPA or another works in it on the same data source. Written at once, in order; after the commit the relay of this
 * process is woken. Thread-safe.
 */
public final class SpringOutbox {
    private final Outbox<Connection> outbox;
    private final DataSource dataSource;
    private final WakeUp wakeUp;

    SpringOutbox(Outbox<Connection> outbox, DataSource dataSource, Runnable afterCommit) {
        this.outbox = outbox;
        this.dataSource = dataSource;
        this.wakeUp = new WakeUp(afterCommit);
    }

    /**
     * Writes a message in the current transaction. After a roll-back it never existed.
     *
     * @param message the message
     * @return its id
     * @throws NoTransactionException when there is no transaction, it is read-only, or it does not include the data source
     * @throws io.outbox.InvalidMessageException when the message exceeds a limit, cannot be encoded or has no type
     * @throws io.outbox.StoreException when the database refuses
     */
    public String publish(Message message) {
        return publishAll(List.of(message)).get(0);
    }

    /**
     * Writes several messages at once, in order, in the current transaction.
     *
     * @param messages the messages; none does nothing
     * @return their ids, in the same order
     * @throws NoTransactionException when there is no transaction, it is read-only, or it does not include the data source
     * @throws io.outbox.InvalidMessageException when one exceeds a limit, cannot be encoded or has no type; none is written then
     * @throws io.outbox.StoreException when the database refuses
     */
    public List<String> publishAll(Collection<Message> messages) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new NoTransactionException(
                    "a message can be published in a transaction only: annotate the method with"
                            + " @Transactional, and call it from another bean, or use a TransactionTemplate");
        }
        if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
            throw new NoTransactionException(
                    "the transaction is read-only: a message cannot be written in it; remove readOnly = true");
        }
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            if (!DataSourceUtils.isConnectionTransactional(connection, dataSource)) {
                throw new NoTransactionException(
                        "the current transaction does not include the outbox's DataSource: which"
                                + " transaction manager does the method's @Transactional name?");
            }
            List<String> ids = outbox.publishAll(connection, messages);
            if (!TransactionSynchronizationManager.getSynchronizations().contains(wakeUp)) {
                TransactionSynchronizationManager.registerSynchronization(wakeUp);
            }
            return ids;
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    /** Wakes the relay when what was published can be read. */
    private record WakeUp(Runnable afterTheCommit) implements TransactionSynchronization {
        @Override
        public void afterCommit() {
            afterTheCommit.run();
        }
    }
}
