package io.outbox.benchmarks.harness;

import io.outbox.testkit.servers.DatabaseServer;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The servers of one benchmark, private to it, with durable settings. */
public final class Servers implements AutoCloseable {
    /** Large enough for both servers to keep the tables in memory. */
    private static final String MEMORY = "256M";

    private final @Nullable DatabaseServer server;
    /** Of the benchmark's own: on MariaDB the server's is for system tables. */
    private final @Nullable TestDatabase database;
    /** For {@link Contenders#ON_POSTGRESQL}, beside another database. */
    private final @Nullable PostgresServer postgres;

    private final @Nullable Broker broker;

    private Servers(@Nullable DatabaseServer database, @Nullable PostgresServer postgres, @Nullable Broker broker) {
        server = database;
        this.database = database == null ? null : database.createDatabase();
        this.postgres = postgres;
        this.broker = broker;
    }

    /** Starts what the options ask for. */
    static Servers start(Options options, List<String> contenders) {
        CompletableFuture<@Nullable Broker> broker =
                CompletableFuture.supplyAsync(() -> switch (options.text("broker")) {
                    case "kafka" -> new KafkaBroker();
                    case "rabbit" -> new RabbitBroker();
                    default -> null;
                });
        boolean wantsPostgres =
                options.text("database").equals("postgresql") || contenders.contains(Contenders.ON_POSTGRESQL);
        PostgresServer postgres = wantsPostgres ? TestServers.newPostgres(settings(options, contenders)) : null;
        DatabaseServer database = switch (options.text("database")) {
            case "postgresql" -> postgres;
            case "mariadb" ->
                TestServers.newMariadb(Map.of("innodb_buffer_pool_size", MEMORY, "innodb_log_file_size", "1G"));
            default -> null;
        };
        return new Servers(database, postgres, broker.join());
    }

    private static Map<String, String> settings(Options options, List<String> contenders) {
        Map<String, String> settings = new HashMap<>();
        if (contenders.stream().anyMatch(name -> name.startsWith("debezium"))) {
            settings.put("wal_level", "logical");
        }
        if (options.text("statements").equals("yes")) {
            settings.put("shared_preload_libraries", "pg_stat_statements");
        }
        if (options.isSoak()) {
            settings.put(
                    "autovacuum_naptime",
                    SoakTimes.vacuumEvery(options.soakTime()).toSeconds() + "s");
        }
        return settings;
    }

    /** Tells a worker where the servers are; a database in the worker's own process for H2. */
    void describe(String contender, Map<String, String> worker) {
        if (contender.equals(Contenders.ON_POSTGRESQL) && postgres != null) {
            worker.put("jdbcUrl", postgres.jdbcUrl());
            worker.put("user", postgres.user());
            worker.put("password", postgres.password());
        } else if (database != null) {
            worker.put("jdbcUrl", database.jdbcUrl());
            worker.put("user", database.user());
            worker.put("password", database.password());
        } else {
            worker.put("jdbcUrl", "jdbc:h2:mem:bench;DB_CLOSE_DELAY=-1");
            worker.put("user", "sa");
            worker.put("password", "");
        }
        if (broker != null) {
            broker.describe(worker);
        }
    }

    /** Returns the broker, if there is one. */
    Optional<Broker> broker() {
        return Optional.ofNullable(broker);
    }

    /** Returns the database server. */
    public DataSource dataSource() {
        if (database == null) {
            throw new IllegalArgumentException("this workload needs a database server");
        }
        return database.dataSource();
    }

    /** Opens a connection to the database server. */
    public Connection connect() throws SQLException {
        return dataSource().getConnection();
    }

    /** Has PostgreSQL write what it would write in the middle of a run. */
    void settle() {
        if (postgres != null) {
            execute(postgres.dataSource(), "checkpoint");
        }
    }

    /** Runs a statement on the database server, if there is one. */
    public void execute(String sql) {
        if (database != null) {
            execute(database.dataSource(), sql);
        }
    }

    private static void execute(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("the database refuses " + sql, e);
        }
    }

    /** Asks the database server for a number. */
    public long number(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException("the database refuses " + sql, e);
        }
    }

    /** Names the versions of what was measured on. */
    Map<String, String> versions() {
        Map<String, String> versions = new HashMap<>();
        versions.put("java", Runtime.version().toString());
        versions.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        versions.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        versions.put("processor", processor());
        versions.put("database", databaseVersion());
        if (broker != null) {
            broker.versions(versions);
        }
        return versions;
    }

    private String databaseVersion() {
        if (database == null) {
            return "H2 in memory";
        }
        try (Connection connection = connect()) {
            return connection.getMetaData().getDatabaseProductName() + " "
                    + connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not say its version", e);
        }
    }

    private static String processor() {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return System.getProperty("os.arch");
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (broker != null) {
            broker.close();
        }
        if (server != null) {
            server.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }
}
