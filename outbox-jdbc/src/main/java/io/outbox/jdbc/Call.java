package io.outbox.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A prepared {@link Sql} whose parameters are set by name. Confined to one thread. */
final class Call implements AutoCloseable {
    private final Dialect dialect;
    private final Sql sql;
    private final PreparedStatement prepared;

    Call(Dialect dialect, Sql sql, PreparedStatement prepared) {
        this.dialect = dialect;
        this.sql = sql;
        this.prepared = prepared;
    }

    Call set(String name, String value) throws SQLException {
        return each(name, index -> prepared.setString(index, value));
    }

    Call setNullable(String name, @Nullable String value) throws SQLException {
        return each(name, index -> {
            if (value == null) {
                prepared.setNull(index, Types.VARCHAR);
            } else {
                prepared.setString(index, value);
            }
        });
    }

    /** Sets a parameter that is there if it has a value. */
    Call setIfAny(String name, @Nullable String value) throws SQLException {
        return value == null ? this : set(name, value);
    }

    Call set(String name, long value) throws SQLException {
        return each(name, index -> prepared.setLong(index, value));
    }

    Call set(String name, int value) throws SQLException {
        return each(name, index -> prepared.setInt(index, value));
    }

    Call set(String name, byte[] value) throws SQLException {
        return each(name, index -> prepared.setBytes(index, value));
    }

    Call set(String name, Instant value) throws SQLException {
        return each(name, index -> dialect.setInstant(prepared, index, value));
    }

    Call setLongs(String name, long[] values) throws SQLException {
        return each(name, index -> dialect.setLongs(prepared, index, values));
    }

    Call setShards(String name, Collection<Integer> values) throws SQLException {
        return each(name, index -> dialect.setInts(prepared, index, values));
    }

    Call setStrings(String name, Collection<String> values) throws SQLException {
        return each(name, index -> dialect.setStrings(prepared, index, values));
    }

    /** Runs a statement that may or may not return rows; true when {@link #results} has some. */
    boolean execute() throws SQLException {
        boolean hasRows = prepared.execute();
        return sql.hasPreamble() ? prepared.getMoreResults() : hasRows;
    }

    ResultSet results() throws SQLException {
        return prepared.getResultSet();
    }

    ResultSet query() throws SQLException {
        execute();
        return results();
    }

    int update() throws SQLException {
        if (sql.hasPreamble()) {
            execute();
            return prepared.getUpdateCount();
        }
        return prepared.executeUpdate();
    }

    /** Inserts a row; false when its key is there already. */
    boolean updateUnlessDuplicate() throws SQLException {
        try {
            return prepared.executeUpdate() == 1;
        } catch (SQLException e) {
            if (dialect.isDuplicate(e)) {
                return false;
            }
            throw e;
        }
    }

    void addBatch() throws SQLException {
        prepared.addBatch();
    }

    int[] updateBatch() throws SQLException {
        return prepared.executeBatch();
    }

    @Override
    public void close() throws SQLException {
        prepared.close();
    }

    private Call each(String name, Setter setter) throws SQLException {
        String[] parameters = sql.parameters();
        boolean found = false;
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].equals(name)) {
                setter.set(i + 1);
                found = true;
            }
        }
        if (!found) {
            throw new IllegalArgumentException("no parameter :" + name + " in " + sql.text());
        }
        return this;
    }

    @FunctionalInterface
    private interface Setter {
        void set(int index) throws SQLException;
    }
}
