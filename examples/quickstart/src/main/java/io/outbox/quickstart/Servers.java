package io.outbox.quickstart;

import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/** Finds the database and the broker that the options ask for. */
final class Servers {
    private Servers() {}

    /** Starts real servers where the options ask for that; they end with this JVM. */
    static Options startedFor(Options options, PrintStream out) {
        if (!options.real()) {
            return options;
        }
        out.println("starting PostgreSQL and Kafka ...");
        CompletableFuture<KafkaServer> starting = CompletableFuture.supplyAsync(TestServers::kafka);
        PostgresServer postgres = TestServers.postgres();
        KafkaServer kafka = starting.join();
        out.printf("%s, %s%n", postgres.name(), kafka.name());
        return options.withDatabase(postgres.jdbcUrl(), postgres.user(), postgres.password())
                .withKafka(kafka.bootstrapServers());
    }

    static Database database(Options options) throws SQLException {
        String url = options.postgresql();
        return url == null ? Database.h2() : Database.postgresql(url, options.user(), options.password());
    }

    static Transport transport(Options options) {
        String bootstrap = options.kafka();
        return bootstrap == null ? new InProcessTransport(options.chaos()) : new KafkaTransport(bootstrap);
    }
}
