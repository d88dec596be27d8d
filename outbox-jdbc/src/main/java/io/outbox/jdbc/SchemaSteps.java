package io.outbox.jdbc;

import java.util.Map;
import java.util.function.Function;

/**
 * The version of the tables and the ways to it. Scripts are chosen by the name of the dialect, and are templates with
 * names in braces.
 *
 * @param version the version that is made
 * @param creation the script that makes it from nothing; running it again does nothing
 * @param upgrades for each older version the script that makes the next one of it
 */
record SchemaSteps(int version, Function<String, String> creation, Map<Integer, Function<String, String>> upgrades) {

    /** The steps of this library. The next version adds its scripts below {@code schema/v2} and an entry here. */
    static SchemaSteps released() {
        return new SchemaSteps(
                SchemaTable.VERSION, database -> SchemaScript.load(SchemaTable.VERSION, database), Map.of());
    }

    /**
     * The script by which a migration tool makes a version of the one before, or version 1 of nothing. Once released it
     * never changes, because these tools compare.
     */
    String migration(int made, Dialect dialect) {
        return made == 1
                ? SchemaScript.load(1, dialect.name())
                : upgrade(made - 1, dialect) + "\n" + SchemaTable.setVersion(made - 1, made) + ";\n";
    }

    String create(Dialect dialect) {
        return creation.apply(dialect.name());
    }

    String upgrade(int from, Dialect dialect) {
        Function<String, String> upgrade = upgrades.get(from);
        if (upgrade == null) {
            throw new IllegalStateException("no script upgrades version " + from + " to " + (from + 1));
        }
        return upgrade.apply(dialect.name());
    }
}
