package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
    /** How often a change is tried that others may have got in the way of; an upgrade waits up to a second each time. */
    private static final int TRIES = 60;

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
        requireNonNull(dataSource, "dataSource");
        return of(dataSource::getConnection, SchemaSteps.released());
    }

    /** With connections from elsewhere, and for tests with other steps. */
    static OutboxSchema of(Database.ConnectionSource source, SchemaSteps steps) {
        return new OutboxSchema(new Database(source, TableNames.standard()), steps, null);
    }

    /**
     * Returns this schema with other names.
     *
     * @param names schema and prefix of the tables
     * @return a schema
     */
    public OutboxSchema withTables(TableNames names) {
        return new OutboxSchema(database.withNames(requireNonNull(names, "names")), steps, shards);
    }

    /**
     * Returns this schema with another number of shards. It is fixed when the tables are created, and bounds how many
     * relays can share a channel. Default: {@value #DEFAULT_SHARDS}.
     *
     * @param value 1 to 4096
     * @return a schema
     */
    public OutboxSchema withShards(int value) {
        return new OutboxSchema(database, steps, checkedShards(value));
    }

    static int checkedShards(int value) {
        if (value < 1 || value > MAX_SHARDS) {
            throw new IllegalArgumentException("shards must be 1 to " + MAX_SHARDS + ", was " + value);
        }
        return value;
    }

    /**
     * Creates what is missing, the database schema included. Repeating it does nothing, and several instances may do it
     * at the same time. Existing tables of an older version are left for {@link #upgrade}.
     *
     * @throws StoreException when the database refuses, or the tables are there with another version or, where
     *     {@link #withShards} was called, another number of shards
     */
    public void create() {
        repeatUntil(() -> row().isPresent(), "create the outbox tables", this::create);
        verify();
    }

    /**
     * Brings the tables to the version of this library, one version after the other, and creates them when there are
     * none. Instances that need the version before may go on working, and be started, during the upgrade and after it; see
     * "Upgrades" in docs/databases.md. It does not make others wait for more than a second at a time: it gives way to
     * their transactions, and fails with a {@link TransientStoreException} when some have been open for too long. Repeating
     * it does nothing, and several instances may do it at the same time.
     *
     * @throws StoreException when the database refuses, or the tables are newer than this library
     */
    public void upgrade() {
        if (row().isEmpty()) {
            create();
            return;
        }
        repeatUntil(this::isCurrent, "upgrade the outbox tables", this::upgrade);
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
     * Does the same from the command line, with the driver on the class path:
     *
     * <pre>
     * java -cp ... io.outbox.jdbc.OutboxSchema create|upgrade|verify --url URL [--user USER] [--password-env NAME]
     * java -cp ... io.outbox.jdbc.OutboxSchema print --database postgresql|mariadb|mysql|sqlite|sqlserver|oracle|h2
     *     [--schema SCHEMA] [--prefix PREFIX] [--shards N]
     * </pre>
     *
     * <p>The last line's options go with each command. The password is read from the environment variable that is named.
     * Ends the process with status 1 when the database refuses and 2 when the arguments are wrong.
     *
     * @param arguments the command and its options
     */
    public static void main(String[] arguments) {
        int status = SchemaCommand.onStandardStreams().run(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    private void create(Connection connection) throws SQLException {
        Dialect dialect = locked(connection);
        TableNames names = database.names();
        String schema = names.schema();
        // asked for first: CREATE SCHEMA IF NOT EXISTS needs the right to create one even where it is there
        if (schema != null && !dialect.hasSchema(connection, schema)) {
            execute(connection, dialect, createSchema(dialect, names));
        }
        execute(connection, dialect, filled(dialect, names, steps.create(dialect), shards));
    }

    private void upgrade(Connection connection) throws SQLException {
        Dialect dialect = locked(connection);
        SchemaTable.Row row = SchemaTable.read(connection, dialect, database.names());
        int from = row == null ? steps.version() : row.version();
        try {
            execute(connection, dialect.waitLess());
            for (int version = from; version < steps.version(); version++) {
                change(connection, dialect, steps.upgrade(version, dialect));
                SchemaTable.update(connection, dialect, database.names(), version, version + 1);
            }
        } finally {
            execute(connection, dialect.waitAsBefore());
        }
    }

    /** Passes over what an upgrade that did not come to its end has made, where the database keeps that. */
    private void change(Connection connection, Dialect dialect, String script) throws SQLException {
        for (String statement : dialect.statements(script, database.names())) {
            try {
                execute(connection, List.of(statement));
            } catch (SQLException e) {
                if (dialect.undoesSchemaChanges() || !dialect.isAlreadyThere(e)) {
                    throw e;
                }
            }
        }
    }

    /** Another instance may do the same at the same time: whoever comes second finds it done, or fails once. */
    private void repeatUntil(BooleanSupplier isDone, String what, Database.Action action) {
        for (int tried = 1; !isDone.getAsBoolean(); tried++) {
            try {
                database.actInTransaction(what, action);
            } catch (StoreException e) {
                if (tried == TRIES || !isCollision(e)) {
                    throw e;
                }
            }
        }
    }

    private boolean isCollision(StoreException e) {
        return e instanceof TransientStoreException
                || (e.getCause() instanceof SQLException cause && database.isCollision(cause));
    }

    private boolean isCurrent() {
        return row().filter(row -> row.version() >= steps.version()).isPresent();
    }

    private Dialect locked(Connection connection) throws SQLException {
        Dialect dialect = database.dialect(connection);
        String lock = dialect.lockSchema();
        if (lock != null) {
            execute(connection, List.of(lock));
        }
        return dialect;
    }

    /** Reads the version row; empty when it or its table is not there. */
    private Optional<SchemaTable.Row> row() {
        return database.run("look for the outbox tables", connection -> {
            Dialect dialect = database.dialect(connection);
            try {
                return Optional.ofNullable(SchemaTable.read(connection, dialect, database.names()));
            } catch (SQLException e) {
                if (dialect.isUndefined(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
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
        String create = names.schema() == null ? null : dialect.createSchema(names.schema());
        return create == null ? "" : create + ";\n\n";
    }

    static String filled(Dialect dialect, TableNames names, String template, @Nullable Integer shards) {
        String withShards = template.replace("{shards}", String.valueOf(shards == null ? DEFAULT_SHARDS : shards));
        return dialect.expand(withShards, names);
    }
}
