package io.outbox.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The scripts among the resources, and how they fall into statements: each ends with a semicolon at a line's end, a block with a slash alone. */
final class SchemaScript {
    private SchemaScript() {}

    /** Loads {@code schema/v<version>/<file>.sql}. */
    static String load(int version, String file) {
        String resource = "schema/v" + version + "/" + file + ".sql";
        try (InputStream in = SchemaScript.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource io/outbox/jdbc/" + resource + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> statements(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        for (String line : script.split("\n")) {
            if (line.isBlank() || line.strip().startsWith("--")) {
                continue;
            }
            if (isBlock(statement) && line.strip().equals("/")) {
                statements.add(statement.toString().stripTrailing());
                statement.setLength(0);
                continue;
            }
            statement.append(line).append('\n');
            if (!isBlock(statement) && line.stripTrailing().endsWith(";")) {
                statements.add(statement.substring(0, statement.lastIndexOf(";")));
                statement.setLength(0);
            }
        }
        return statements;
    }

    /** Of Oracle, whose script says so where it has one. */
    private static boolean isBlock(StringBuilder statement) {
        return statement.indexOf("begin\n") == 0;
    }
}
