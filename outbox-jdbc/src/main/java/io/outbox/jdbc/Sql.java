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

    /** The parameter of {@link Dialect#one}. */
    private static final String ONE = "one";

    private final Dialect dialect;
    private final String text;
    private final String[] parameters;
    private final boolean hasOne;

    Sql(Dialect dialect, String expanded) {
        this.dialect = dialect;
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
        hasOne = found.contains(ONE);
    }

    Call prepare(Connection connection) throws SQLException {
        Call call = new Call(dialect, this, connection.prepareStatement(text));
        if (hasOne) {
            call.set(ONE, 1);
        }
        return call;
    }

    String text() {
        return text;
    }

    String[] parameters() {
        return parameters;
    }
}
