package io.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One statement with parameters by name ({@code :name}), made once per store from a template whose names in braces the
 * dialect has filled in. Immutable.
 */
final class Sql {
    private static final Pattern PARAMETER = Pattern.compile(":([A-Za-z]+)");

    private final Dialect dialect;
    private final String text;
    private final String[] parameters;
    private final boolean hasPreamble;

    Sql(Dialect dialect, String preamble, String statement) {
        this.dialect = dialect;
        hasPreamble = !preamble.isEmpty();
        String expanded = preamble + statement;
        List<String> found = new ArrayList<>();
        Matcher matcher = PARAMETER.matcher(expanded);
        StringBuilder out = new StringBuilder(expanded.length());
        while (matcher.find()) {
            found.add(matcher.group(1).intern());
            matcher.appendReplacement(out, "?");
        }
        matcher.appendTail(out);
        text = out.toString();
        parameters = found.toArray(String[]::new);
    }

    Call prepare(Connection connection) throws SQLException {
        return new Call(dialect, this, connection.prepareStatement(text));
    }

    /** Whether another statement, whose result is of no interest, goes before it in the same round trip. */
    boolean hasPreamble() {
        return hasPreamble;
    }

    String text() {
        return text;
    }

    String[] parameters() {
        return parameters;
    }
}
