package io.outbox.spring;

import io.outbox.Outbox;
import java.sql.Connection;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * An outbox in a data source.
 *
 * @param source the data source and its transaction manager
 * @param outbox writes into its tables
 * @param transactions runs work in its transactions
 * @param afterCommit called when messages of a transaction can be read
 */
record OutboxTarget(
        OutboxDataSource source, Outbox<Connection> outbox, SpringTransactions transactions, Runnable afterCommit) {

    String name() {
        return source.name();
    }

    /** Tells whether a connection of this data source is bound to the thread's transaction, or to one around it. */
    boolean isBound() {
        return TransactionSynchronizationManager.getResource(source.dataSource()) instanceof ConnectionHolder;
    }

    /** Does something with the transaction's connection. */
    void withConnection(Consumer<Connection> work) {
        DataSource dataSource = source.dataSource();
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            work.accept(connection);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }
}
