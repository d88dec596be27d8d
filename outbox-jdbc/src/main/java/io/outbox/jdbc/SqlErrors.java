package io.outbox.jdbc;

import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/** Errors of drivers, as far as they are the same for all databases. */
final class SqlErrors {
    private SqlErrors() {}

    /** Turns an error of the driver into one of ours where only its connection is known, or not even that. */
    static StoreException translate(String what, @Nullable Connection connection, SQLException e) {
        try {
            if (connection != null) {
                return Dialect.of(connection.getMetaData()).translate(what, TableNames.standard(), e);
            }
        } catch (SQLException | StoreException unknown) {
            e.addSuppressed(unknown);
        }
        return isTransient(e)
                ? new TransientStoreException("could not " + what + code(e), e)
                : new StoreException("could not " + what + code(e), e);
    }

    /** Tells by what the standard says and by the classes of JDBC. */
    static boolean isTransient(SQLException e) {
        String state = e.getSQLState();
        return e instanceof SQLTransientException
                || e instanceof SQLRecoverableException
                || (state != null && (state.startsWith("08") || state.startsWith("40")));
    }

    /** pgjdbc's BatchUpdateException spells out the values of a row; what it wraps does not. */
    static SQLException first(SQLException e) {
        return e instanceof BatchUpdateException && e.getNextException() != null ? e.getNextException() : e;
    }

    static String code(SQLException e) {
        return " (SQLState " + e.getSQLState() + ", error code " + e.getErrorCode() + ")";
    }
}
