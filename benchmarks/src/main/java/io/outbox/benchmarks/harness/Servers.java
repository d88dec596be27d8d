package io.outbox.benchmarks.harness;

import io.outbox.testkit.servers.KafkaServer;
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
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** The servers of one benchmark, private to it, with durable settings. */
public final class Servers implements AutoCloseable {
    private final @Nullable PostgresServer postgres;
    private final @Nullable KafkaServer kafka;
    private final @Nullable Admin admin;

    private Servers(@Nullable PostgresServer postgres, @Nullable KafkaServer kafka) {
        this.postgres = postgres;
        this.kafka = kafka;
        admin = kafka == null ? null : Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    /** Starts what the options ask for. */
    static Servers start(Options options, List<String> contenders) {
        CompletableFuture<@Nullable KafkaServer> broker =
                CompletableFuture.supplyAsync(() -> options.hasBroker() ? TestServers.newKafka() : null);
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
        if (kafka != null) {
            worker.put("bootstrapServers", kafka.bootstrapServers());
        }
    }

    /** Makes a topic. */
    void createTopic(String topic, int partitions) {
        if (kafka != null) {
            kafka.createTopic(topic, partitions);
        }
    }

    /** Removes a topic, so that its data need not be kept or flushed. */
    void deleteTopic(String topic) {
        if (admin != null) {
            admin.deleteTopics(List.of(topic))
                    .all()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
    }

    String bootstrapServers() {
        if (kafka == null) {
            throw new IllegalStateException("there is no broker");
        }
        return kafka.bootstrapServers();
    }

    /** Opens a connection to the database server. */
    public Connection connect() throws SQLException {
        if (postgres == null) {
            throw new IllegalArgumentException("this workload needs --database postgresql");
        }
        return postgres.dataSource().getConnection();
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
        if (kafka != null) {
            versions.put("kafka", org.apache.kafka.common.utils.AppInfoParser.getVersion());
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
        if (admin != null) {
            admin.close();
        }
        if (kafka != null) {
            kafka.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }
}
