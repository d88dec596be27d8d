package io.outbox.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One statement with parameters by name ({@code :name}), made once per store from a template whose names in braces the
 * dialect has filled in. Immutable.
 */
final class Sql {
    private static final Pattern PARAMETER = Pattern.compile(":([A-Za-z]+)");

    private final Dialect dialect;
    private final String[] parameters;
    /** What stands before each parameter, and behind the last. */
    private final String[] parts;

    private final String text;
    private final boolean hasPreamble;

    Sql(Dialect dialect, String preamble, String statement) {
        this.dialect = dialect;
        hasPreamble = !preamble.isEmpty();
        String expanded = preamble + statement;
        List<String> names = new ArrayList<>();
        List<String> between = new ArrayList<>();
        Matcher matcher = PARAMETER.matcher(expanded);
        int end = 0;
        while (matcher.find()) {
            names.add(matcher.group(1).intern());
            between.add(expanded.substring(end, matcher.start()));
            end = matcher.end();
        }
        between.add(expanded.substring(end));
        parameters = names.toArray(String[]::new);
        parts = between.toArray(String[]::new);
        text = text(Map.of());
    }

    Call prepare(Connection connection) throws SQLException {
        return new Call(dialect, this, connection);
    }

    PreparedStatement statement(Connection connection, Map<String, Integer> sizes) throws SQLException {
        return connection.prepareStatement(sizes.isEmpty() ? text : text(sizes));
    }

    /** Whether another statement, whose result is of no interest, goes before it in the same round trip. */
    boolean hasPreamble() {
        return hasPreamble;
    }

    String text() {
        return text;
    }

    /** The text with so many places for each of these lists. */
    private String text(Map<String, Integer> sizes) {
        StringBuilder out = new StringBuilder(parts[0]);
        for (int i = 0; i < parameters.length; i++) {
            out.append('?');
            int size = sizes.getOrDefault(parameters[i], 1);
            for (int more = 1; more < size; more++) {
                out.append(",?");
            }
            out.append(parts[i + 1]);
        }
        return out.toString();
    }

    boolean has(String parameter) {
        return Arrays.asList(parameters).contains(parameter);
    }

    String[] parameters() {
        return parameters;
    }
}
