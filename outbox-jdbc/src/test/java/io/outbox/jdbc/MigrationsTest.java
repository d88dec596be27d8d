package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the migrations that ship to the scripts that {@link OutboxSchema} runs. With {@code -Dmigrations.update=true} this
 * test writes them.
 */
class MigrationsTest {
    private static final Path MIGRATIONS = Path.of("src", "main", "resources", "io", "outbox", "jdbc", "migrations");

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb", "mysql", "h2"})
    void migrations_areTheScriptsOfTheVersions(String database) throws IOException {
        Dialect dialect = Dialects.named(database);
        for (int version = 1; version <= SchemaTable.VERSION; version++) {
            String file = database + "/V" + version + "__outbox.sql";
            String script = OutboxSchema.filled(
                    dialect, TableNames.standard(), SchemaSteps.released().migration(version, dialect), null);
            if (Boolean.getBoolean("migrations.update")) {
                Files.createDirectories(MIGRATIONS.resolve(database));
                Files.writeString(MIGRATIONS.resolve(file), script);
            }
            assertThat(MIGRATIONS.resolve(file)).hasContent(script);
            assertThat(Files.readString(MIGRATIONS.resolve("liquibase.xml")))
                    .contains("dbms=\"" + database + "\" path=\"" + file + "\"");
        }
    }
}
