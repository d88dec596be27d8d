package io.outbox.jdbc;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills in the names in braces of a statement. They are: the tables {@code message, parked, archive, relay, lease, dedup,
 * durable, schema}; {@code name:x} an index; {@code now} the clock and {@code started} its time when the statement began; {@code
 * later} the first plus {@code :delay} milliseconds and {@code earlier} the second less {@code :age} of them; {@code any:x}
 * a comparison with the list {@code :x}; {@code string:x} and {@code number:x} a parameter whose type the database must be
 * told; {@code letters:x} a text that is compared to the letter; {@code size:x} the bytes of a column; {@code limit:x} at
 * most {@code :x} rows and {@code first} one; {@code part} and {@code end} around a part of a union that has an order;
 * {@code novalues} a message's columns without values; {@code committed} and {@code locked} behind a table that is read
 * without waiting for writers, or locked, and {@code forupdate} at the end of what locks; {@code exact} a collation;
 * {@code snapshot} the running transactions as text. A parameter {@code :xAsJson} is the list {@code :x} as a JSON array.
 *
 * @param dialect what stands for a name
 * @param names the names of the tables
 */
record Braces(Dialect dialect, TableNames names) {
    private static final Pattern BRACES = Pattern.compile("\\{([a-z]+)(?::([A-Za-z_.:]+))?}");
    private static final Set<String> TABLES =
            Set.of("message", "parked", "archive", "relay", "lease", "dedup", "durable", "schema");

    String fill(String template) {
        Matcher matcher = BRACES.matcher(template);
        StringBuilder out = new StringBuilder(template.length() + 64);
        while (matcher.find()) {
            matcher.appendReplacement(out, Matcher.quoteReplacement(filling(matcher.group(1), matcher.group(2))));
        }
        return matcher.appendTail(out).toString();
    }

    private String filling(String name, @Nullable String argument) {
        if (TABLES.contains(name)) {
            return dialect.table(name, names);
        }
        return switch (name) {
            case "now" -> dialect.now();
            case "started" -> dialect.started();
            case "later" -> dialect.plus(dialect.now(), ":delay");
            case "earlier" -> dialect.plus(dialect.started(), "-:age");
            case "any" -> dialect.any(":" + argument);
            case "letters" -> dialect.letters(String.valueOf(argument));
            case "size" -> dialect.size(String.valueOf(argument));
            case "limit" -> dialect.limit(":" + argument);
            case "first" -> dialect.limit("1");
            case "part" -> dialect.part();
            case "end" -> dialect.end();
            case "novalues" -> dialect.noValues();
            case "committed" -> dialect.committed();
            case "locked" -> dialect.locked();
            case "forupdate" -> dialect.forUpdate();
            case "string" -> dialect.typed(":" + argument, "varchar");
            case "number" -> dialect.typed(":" + argument, "integer");
            case "exact" -> dialect.exact();
            case "name" -> dialect.index(names.schema(), names.prefix() + argument);
            case "snapshot" -> dialect.snapshot();
            default -> throw new IllegalArgumentException("unknown name {" + name + "} in a statement");
        };
    }
}
