package io.outbox.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;

/** A database to which a list is one parameter, a JSON array, that the statement takes apart. */
abstract class JsonListDialect extends Dialect {
    /** Sets the text of an array. */
    void setJson(PreparedStatement statement, int index, String json) throws SQLException {
        statement.setString(index, json);
    }

    @Override
    final void setLongs(PreparedStatement statement, int index, long[] values) throws SQLException {
        setJson(statement, index, Arrays.toString(values));
    }

    @Override
    final void setInts(PreparedStatement statement, int index, Collection<Integer> values) throws SQLException {
        setJson(statement, index, values.toString());
    }

    /** Texts are names of states: nothing in them needs an escape. */
    @Override
    final void setStrings(PreparedStatement statement, int index, Collection<String> values) throws SQLException {
        setJson(statement, index, values.stream().collect(Collectors.joining("\",\"", "[\"", "\"]")));
    }
}
