package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the outbox tables are: a schema and the prefix of their names. Immutable.
 *
 * <p>PostgreSQL takes both exactly as they are written here, upper and lower case included; H2 takes them as it takes
 * names without quotes. On MariaDB and MySQL a schema is a database, and the server's settings decide whether case counts.
 *
 * @param schema the schema; null for the connection's default
 * @param prefix what the tables' names begin with; {@code outbox_} makes {@code outbox_message}
 */
public record TableNames(@Nullable String schema, String prefix) {
    private static final Pattern SCHEMA = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,31}");
    private static final TableNames STANDARD = new TableNames(null, "outbox_");

    /**
     * Checks both names: they become part of SQL.
     *
     * @param schema the schema; null for the connection's default
     * @param prefix what the tables' names begin with
     * @throws IllegalArgumentException when a name is not made of ASCII letters, digits and underscores, begins with a
     *     digit, or is longer than 63 (schema) or 32 (prefix) characters
     */
    public TableNames {
        requireNonNull(prefix, "prefix");
        if (schema != null) {
            check("schema", SCHEMA, schema);
        }
        check("prefix", PREFIX, prefix);
    }

    /**
     * Returns the names that are used when nothing is set: prefix {@code outbox_} in the connection's default schema.
     *
     * @return the standard names
     */
    public static TableNames standard() {
        return STANDARD;
    }

    /**
     * Returns these names in another schema.
     *
     * @param value the schema
     * @return new names
     */
    public TableNames withSchema(String value) {
        return new TableNames(requireNonNull(value, "schema"), prefix);
    }

    /**
     * Returns these names with another prefix.
     *
     * @param value the prefix
     * @return new names
     */
    public TableNames withPrefix(String value) {
        return new TableNames(schema, value);
    }

    private static void check(String what, Pattern pattern, String value) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " must match " + pattern + ", was '" + value + "'");
        }
    }
}
