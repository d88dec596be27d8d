package io.outbox.jdbc;

import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/** Errors of drivers, sorted by the dialect and by what is the same for all databases. */
final class SqlErrors {
    private SqlErrors() {}

    /** Turns an error of the driver into one of ours where only its connection is known, or not even that. */
    static StoreException translate(String what, @Nullable Connection connection, SQLException e) {
        try {
            if (connection != null) {
                return translate(what, Dialects.of(connection.getMetaData()), TableNames.standard(), e);
            }
        } catch (SQLException | StoreException unknown) {
            e.addSuppressed(unknown);
        }
        return isTransient(e)
                ? new TransientStoreException("could not " + what + code(e), e)
                : new StoreException("could not " + what + code(e), e);
    }

    /** Turns an error of the driver into one of ours. What the statement's values were stays out of the text. */
    static StoreException translate(String what, Dialect dialect, TableNames names, SQLException e) {
        SQLException cause = first(e);
        if (dialect.isUndefined(cause)) {
            return new StoreException(
                    "could not " + what + ": a table or column is missing" + code(cause) + "; " + dialect.advice(names),
                    cause);
        }
        return isTransient(cause) || dialect.isPassing(cause)
                ? new TransientStoreException("could not " + what + code(cause), cause)
                : new StoreException("could not " + what + code(cause), cause);
    }

    /** Tells by what the standard says and by the classes of JDBC. */
    private static boolean isTransient(SQLException e) {
        String state = e.getSQLState();
        return e instanceof SQLTransientException
                || e instanceof SQLRecoverableException
                || (state != null && (state.startsWith("08") || state.startsWith("40")));
    }

    /** pgjdbc's BatchUpdateException spells out the values of a row; what it wraps does not. */
    private static SQLException first(SQLException e) {
        return e instanceof BatchUpdateException && e.getNextException() != null ? e.getNextException() : e;
    }

    private static String code(SQLException e) {
        return " (SQLState " + e.getSQLState() + ", error code " + e.getErrorCode() + ")";
    }
}
