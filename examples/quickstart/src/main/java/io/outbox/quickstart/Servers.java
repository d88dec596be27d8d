package io.outbox.quickstart;

import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.io.PrintStream;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The database and the broker that the options ask for; real ones that were started here end with the run. */
final class Servers implements AutoCloseable {
    private final Options options;
    private final @Nullable PostgresServer postgres;
    private final @Nullable KafkaServer kafka;

    private Servers(Options options, @Nullable PostgresServer postgres, @Nullable KafkaServer kafka) {
        this.options = options;
        this.postgres = postgres;
        this.kafka = kafka;
    }

    static Servers of(Options options, PrintStream out) {
        if (!options.real()) {
            return new Servers(options, null, null);
        }
        out.println("starting PostgreSQL and Kafka …");
        return new Servers(options, TestServers.newPostgres(), TestServers.newKafka());
    }

    Database database() throws SQLException {
        if (postgres != null) {
            return Database.postgresql(postgres.jdbcUrl(), postgres.user(), postgres.password());
        }
        String url = options.postgresql();
        return url == null ? Database.h2() : Database.postgresql(url, options.user(), options.password());
    }

    Transport transport() {
        if (kafka != null) {
            return new KafkaTransport(kafka.bootstrapServers(), options.chaos());
        }
        String bootstrap = options.kafka();
        return bootstrap == null
                ? new InProcessTransport(options.chaos())
                : new KafkaTransport(bootstrap, options.chaos());
    }

    @Override
    public void close() {
        if (kafka != null) {
            kafka.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }
}
