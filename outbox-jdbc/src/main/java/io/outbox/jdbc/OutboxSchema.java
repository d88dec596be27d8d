package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Creates, upgrades and checks the outbox tables, and prints their script for Flyway or Liquibase. Immutable and
 * thread-safe.
 */
public final class OutboxSchema {
    /** How many shards a channel has unless {@link #withShards} says otherwise. */
    public static final int DEFAULT_SHARDS = 64;

    private static final int MAX_SHARDS = 4096;
    /** How often a creation is tried that another instance may have got in the way of. */
    private static final int TRIES = 5;

    private final Database database;
    private final SchemaSteps steps;
    private final @Nullable Integer shards;

    private OutboxSchema(Database database, SchemaSteps steps, @Nullable Integer shards) {
        this.database = database;
        this.steps = steps;
        this.shards = shards;
    }

    /**
     * Makes a schema of the standard names. Nothing is asked of the database yet.
     *
     * @param dataSource where connections come from; stays the caller's
     * @return a schema
     */
    public static OutboxSchema of(DataSource dataSource) {
        return of(dataSource, SchemaSteps.released());
    }

    /** With steps of a test's own. */
    static OutboxSchema of(DataSource dataSource, SchemaSteps steps) {
        requireNonNull(dataSource, "dataSource");
        return new OutboxSchema(new Database(dataSource, TableNames.standard()), steps, null);
    }

    /**
     * Returns this schema with other names.
     *
     * @param names schema and prefix of the tables
     * @return a schema
     */
    public OutboxSchema withTables(TableNames names) {
        Database renamed = new Database(database.dataSource(), requireNonNull(names, "names"));
        return new OutboxSchema(renamed, steps, shards);
    }

    /**
     * Returns this schema with another number of shards. It is fixed when the tables are created, and bounds how many
     * relays can share a channel. Default: {@value #DEFAULT_SHARDS}.
     *
     * @param value 1 to 4096
     * @return a schema
     */
    public OutboxSchema withShards(int value) {
        if (value < 1 || value > MAX_SHARDS) {
            throw new IllegalArgumentException("shards must be 1 to " + MAX_SHARDS + ", was " + value);
        }
        return new OutboxSchema(database, steps, value);
    }

    /**
     * Creates what is missing, the database schema included. Repeating it does nothing, and several instances may do it
     * at the same time. Existing tables of an older version are left for {@link #upgrade}.
     *
     * @throws StoreException when the database refuses, or the tables are there with another version or, where
     *     {@link #withShards} was called, another number of shards
     */
    public void create() {
        for (int tried = 1; row() == null; tried++) {
            try {
                database.transaction("create the outbox tables", this::create);
            } catch (StoreException e) {
                if (tried == TRIES || !isCollision(e)) {
                    throw e;
                }
            }
        }
        verify();
    }

    /**
     * Brings the tables to the version of this library, one version after the other, and creates them when there are
     * none. Stop older instances first. Repeating it does nothing, and several instances may do it at the same time.
     *
     * @throws StoreException when the database refuses, or the tables are newer than this library
     */
    public void upgrade() {
        if (row() == null) {
            create();
            return;
        }
        database.transaction("upgrade the outbox tables", connection -> {
            Dialect dialect = locked(connection);
            SchemaTable.Row row = SchemaTable.read(connection, dialect, database.names());
            int from = row == null ? steps.version() : row.version();
            for (int version = from; version < steps.version(); version++) {
                execute(connection, dialect, steps.upgrade(version, dialect));
                SchemaTable.update(connection, dialect, database.names(), version, version + 1);
            }
            return null;
        });
        verify();
    }

    /**
     * Checks that the tables are there and of the version that this library needs.
     *
     * @throws StoreException when not; its message says what to run
     */
    public void verify() {
        int found = database.run(
                "verify the outbox tables",
                connection -> SchemaTable.verify(
                        connection, database.dialect(connection), database.names(), steps.version()));
        if (shards != null && shards != found) {
            throw new StoreException("the tables have " + found + " shards, withShards says " + shards
                    + ": the number is fixed when the tables are created");
        }
    }

    /**
     * Returns the script that {@link #create} runs on this database, names filled in.
     *
     * @return SQL, each statement ended by a semicolon
     */
    public String script() {
        return database.run(
                "find the database's script",
                connection -> script(database.dialect(connection), database.names(), shards));
    }

    static String script(Dialect dialect, TableNames names, @Nullable Integer shards) {
        String template = SchemaSteps.released().create(dialect);
        return createSchema(dialect, names) + filled(dialect, names, template, shards);
    }

    /**
     * Runs {@code create}, {@code upgrade}, {@code verify} or {@code print} from the command line; without arguments it
     * says how.
     *
     * @param arguments the command and its options
     */
    public static void main(String[] arguments) {
        SchemaCommand.main(arguments);
    }

    private @Nullable Void create(Connection connection) throws SQLException {
        Dialect dialect = locked(connection);
        TableNames names = database.names();
        String schema = names.schema();
        // asked for first: CREATE SCHEMA IF NOT EXISTS needs the right to create one even where it is there
        if (schema != null && !dialect.hasSchema(connection, schema)) {
            execute(connection, dialect, createSchema(dialect, names));
        }
        execute(connection, dialect, filled(dialect, names, steps.create(dialect), shards));
        return null;
    }

    private Dialect locked(Connection connection) throws SQLException {
        Dialect dialect = database.dialect(connection);
        String lock = dialect.lockSchema();
        if (lock != null) {
            execute(connection, List.of(lock));
        }
        return dialect;
    }

    /** Reads the version row; null when it or its table is not there. */
    private SchemaTable.@Nullable Row row() {
        return database.<SchemaTable.@Nullable Row>run("look for the outbox tables", connection -> {
            Dialect dialect = database.dialect(connection);
            try {
                return SchemaTable.read(connection, dialect, database.names());
            } catch (SQLException e) {
                if (dialect.isUndefined(e)) {
                    return null;
                }
                throw e;
            }
        });
    }

    /** Two instances created the same thing at once: whoever comes second finds it on the next try. */
    private boolean isCollision(StoreException e) {
        return e.getCause() instanceof SQLException cause && database.isCollision(cause);
    }

    private void execute(Connection connection, Dialect dialect, String script) throws SQLException {
        execute(connection, dialect.statements(script, database.names()));
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String createSchema(Dialect dialect, TableNames names) {
        return names.schema() == null
                ? ""
                : "create schema if not exists " + dialect.identifier(names.schema()) + ";\n\n";
    }

    private static String filled(Dialect dialect, TableNames names, String template, @Nullable Integer shards) {
        String withShards = template.replace("{shards}", String.valueOf(shards == null ? DEFAULT_SHARDS : shards));
        return dialect.expand(withShards, names);
    }
}
