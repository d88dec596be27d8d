package io.outbox.jdbc;

import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Sql} whose parameters are set by name. Confined to one thread.
 *
 * <p>Where the database has no lists, a list becomes as many parameters as it has values, rounded up to a power of two so
 * that there are not too many different statements. It is then prepared when it is run, with the lists' lengths known.
 */
final class Call implements AutoCloseable {
    private final Dialect dialect;
    private final Sql sql;
    private final Connection connection;
    /** How many parameters each list takes. */
    private final Map<String, Integer> sizes = new HashMap<>();

    private final List<Value> values = new ArrayList<>();
    /** They take up room in the session of the database until they are freed. */
    private final List<Clob> largeObjects = new ArrayList<>();

    private @Nullable PreparedStatement prepared;

    Call(Dialect dialect, Sql sql, Connection connection) {
        this.dialect = dialect;
        this.sql = sql;
        this.connection = connection;
    }

    Call set(String name, String value) {
        return set(name, (to, index) -> to.setString(index, value));
    }

    Call setNullable(String name, @Nullable String value) {
        return set(name, (to, index) -> {
            if (value == null) {
                to.setNull(index, Types.VARCHAR);
            } else {
                to.setString(index, value);
            }
        });
    }

    /** Sets a parameter that is there if it has a value. */
    Call setIfAny(String name, @Nullable String value) {
        return value == null ? this : set(name, value);
    }

    Call set(String name, long value) {
        return set(name, (to, index) -> to.setLong(index, value));
    }

    Call set(String name, int value) {
        return set(name, (to, index) -> to.setInt(index, value));
    }

    Call set(String name, byte[] value) {
        return set(name, (to, index) -> to.setBytes(index, value));
    }

    Call set(String name, Instant value) {
        return set(name, (to, index) -> dialect.setInstant(to, index, value));
    }

    Call setLongs(String name, long[] list) {
        String asJson = name + "AsJson";
        if (sql.has(asJson)) {
            return setJson(asJson, Arrays.toString(list));
        }
        return switch (dialect.lists()) {
            case ARRAYS -> set(name, (to, index) -> dialect.setLongs(to, index, list));
            case PARAMETERS -> setList(name, Arrays.stream(list).boxed().toList());
            case JSON -> setJson(name, Arrays.toString(list));
        };
    }

    Call setShards(String name, Collection<Integer> list) {
        return switch (dialect.lists()) {
            case ARRAYS -> set(name, (to, index) -> dialect.setInts(to, index, list));
            case PARAMETERS -> setList(name, list);
            case JSON -> setJson(name, list.toString());
        };
    }

    /** Texts in which nothing needs an escape, where lists are JSON: names of states. */
    Call setStrings(String name, Collection<String> list) {
        return switch (dialect.lists()) {
            case ARRAYS -> set(name, (to, index) -> dialect.setStrings(to, index, list));
            case PARAMETERS -> setList(name, list);
            case JSON -> setJson(name, list.stream().collect(Collectors.joining("\",\"", "[\"", "\"]")));
        };
    }

    private Call setJson(String name, String json) {
        return set(name, (to, index) -> {
            if (json.length() <= dialect.longestList()) {
                to.setString(index, json);
                return;
            }
            Clob object = connection.createClob();
            largeObjects.add(object);
            object.setString(1, json);
            to.setClob(index, object);
        });
    }

    /** An empty list is one NULL, which equals nothing. */
    private Call setList(String name, Collection<?> list) {
        Object[] all = list.toArray();
        int size = all.length <= 1 ? 1 : Integer.highestOneBit(all.length - 1) << 1;
        sizes.put(name, size);
        return set(name, (to, index) -> {
            for (int i = 0; i < size; i++) {
                to.setObject(index + i, all.length == 0 ? null : all[Math.min(i, all.length - 1)]);
            }
        });
    }

    /** Runs a statement that may or may not return rows; true when {@link #results} has some. */
    boolean execute() throws SQLException {
        PreparedStatement statement = bound();
        boolean hasRows = statement.execute();
        return sql.hasPreamble() ? statement.getMoreResults() : hasRows;
    }

    ResultSet results() throws SQLException {
        return prepared().getResultSet();
    }

    ResultSet query() throws SQLException {
        execute();
        return results();
    }

    int update() throws SQLException {
        if (sql.hasPreamble()) {
            execute();
            return prepared().getUpdateCount();
        }
        return bound().executeUpdate();
    }

    /** Inserts a row; false when its key is there already. */
    boolean updateUnlessDuplicate() throws SQLException {
        try {
            return update() == 1;
        } catch (SQLException e) {
            if (dialect.isDuplicate(e)) {
                return false;
            }
            throw e;
        }
    }

    void addBatch() throws SQLException {
        bound().addBatch();
    }

    int[] updateBatch() throws SQLException {
        return prepared().executeBatch();
    }

    @Override
    public void close() throws SQLException {
        try {
            for (Clob object : largeObjects) {
                object.free();
            }
        } finally {
            if (prepared != null) {
                prepared.close();
            }
        }
    }

    private PreparedStatement prepared() throws SQLException {
        PreparedStatement known = prepared;
        if (known == null) {
            known = sql.statement(connection, sizes);
            prepared = known;
        }
        return known;
    }

    private PreparedStatement bound() throws SQLException {
        PreparedStatement statement = prepared();
        for (Value value : values) {
            int index = 1;
            for (String parameter : sql.parameters()) {
                if (parameter.equals(value.name)) {
                    value.setter.set(statement, index);
                }
                index += sizes.getOrDefault(parameter, 1);
            }
        }
        values.clear();
        return statement;
    }

    private Call set(String name, Setter setter) {
        if (!sql.has(name)) {
            throw new IllegalArgumentException("no parameter :" + name + " in " + sql.text());
        }
        values.add(new Value(name, setter));
        return this;
    }

    private record Value(String name, Setter setter) {}

    @FunctionalInterface
    private interface Setter {
        void set(PreparedStatement to, int index) throws SQLException;
    }
}
