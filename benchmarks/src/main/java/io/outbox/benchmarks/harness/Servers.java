package io.outbox.benchmarks.harness;

import io.outbox.testkit.servers.PostgresServer;
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
    private final @Nullable PostgresServer postgres;
    private final @Nullable Broker broker;

    private Servers(@Nullable PostgresServer postgres, @Nullable Broker broker) {
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
        PostgresServer database = options.hasServer() ? TestServers.newPostgres(settings(options, contenders)) : null;
        return new Servers(database, broker.join());
    }

    private static Map<String, String> settings(Options options, List<String> contenders) {
        Map<String, String> settings = new HashMap<>();
        if (contenders.stream().anyMatch(name -> name.startsWith("debezium"))) {
            settings.put("wal_level", "logical");
        }
        if (options.text("statements").equals("yes")) {
            settings.put("shared_preload_libraries", "pg_stat_statements");
        }
        return settings;
    }

    /** Tells a worker where the servers are; a database in the worker's own process for H2. */
    void describe(Map<String, String> worker) {
        if (postgres != null) {
            worker.put("jdbcUrl", postgres.jdbcUrl());
            worker.put("user", postgres.user());
            worker.put("password", postgres.password());
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
        if (postgres == null) {
            throw new IllegalArgumentException("this workload needs --database postgresql");
        }
        return postgres.dataSource();
    }

    /** Opens a connection to the database server. */
    public Connection connect() throws SQLException {
        return dataSource().getConnection();
    }

    /** Runs a statement on the database server, if there is one. */
    public void execute(String sql) {
        if (postgres != null) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException("the database refuses " + sql, e);
            }
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
        if (postgres == null) {
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
        if (postgres != null) {
            postgres.close();
        }
    }
}
