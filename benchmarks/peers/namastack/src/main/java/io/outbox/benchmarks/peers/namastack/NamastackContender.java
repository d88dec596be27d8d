package io.outbox.benchmarks.peers.namastack;

import io.namastack.outbox.Outbox;
import io.namastack.outbox.handler.OutboxHandler;
import io.namastack.outbox.handler.OutboxRecordMetadata;
import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.Sink;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.benchmarks.worker.WorkerDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * io.namastack:namastack-outbox-starter-jdbc, tuned: short poll interval, large batches, many threads, completed records
 * deleted. Its Kafka module does not resolve from Maven Central; a handler sends each record and waits for it, as that
 * module does.
 */
public final class NamastackContender implements Contender {
    private static final String THREADS = "16";
    private static final int CHUNK = 1_000;

    private final WorkerContext context;
    private ConfigurableApplicationContext writer;
    private ConfigurableApplicationContext relay;

    /** Makes the contender; touches no database. */
    public NamastackContender(WorkerContext context) {
        this.context = context;
    }

    /** What is stored. */
    public record Payload(String topic, String key, String id, String text) {}

    /** Sends records. */
    public record KafkaHandler(Sink sink) implements OutboxHandler {
        @Override
        public void handle(Object payload, OutboxRecordMetadata metadata) {
            Payload message = (Payload) payload;
            try {
                sink.sendAndWait(
                        message.topic(),
                        message.key(),
                        message.id(),
                        message.text().getBytes(StandardCharsets.US_ASCII));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** The Spring application. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableScheduling
    public static class Application {
        @Bean
        PlatformTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }

        @Bean
        JdbcTemplate jdbcTemplate(DataSource dataSource) {
            return new JdbcTemplate(dataSource);
        }
    }

    private ConfigurableApplicationContext start(Sink sink, String interval) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .registerShutdownHook(false)
                .logStartupInfo(false)
                .initializers(spring -> {
                    spring.getBeanFactory()
                            .registerSingleton("dataSource", context.database().dataSource());
                    ((GenericApplicationContext) spring)
                            .registerBean("kafkaHandler", KafkaHandler.class, () -> new KafkaHandler(sink));
                })
                .properties(Map.of(
                        "logging.level.root", "warn",
                        "namastack.outbox.polling.fixed.interval", interval,
                        "namastack.outbox.polling.batch-size", "1000",
                        "namastack.outbox.processing.executor-core-pool-size", THREADS,
                        "namastack.outbox.processing.executor-max-pool-size", THREADS,
                        "namastack.outbox.processing.delete-completed-records", "true",
                        "namastack.outbox.instance.rebalance-interval", "1s",
                        "namastack.outbox.jdbc.schema-initialization.enabled", "true"))
                .run();
    }

    @Override
    public void createTables() throws SQLException {
        closeWriter();
        context.database()
                .execute(
                        "drop table if exists outbox_record",
                        "drop table if exists outbox_instance",
                        "drop table if exists outbox_partition");
    }

    /** Writes without publishing: polls once a day. */
    private synchronized ConfigurableApplicationContext writer() {
        if (writer == null) {
            writer = start(new Unused(), "1d");
        }
        return writer;
    }

    private void closeWriter() {
        if (writer != null) {
            writer.close();
            writer = null;
        }
    }

    @Override
    public void preload(long from, long to, String topic) {
        Outbox outbox = writer().getBean(Outbox.class);
        TransactionTemplate transaction =
                new TransactionTemplate(writer().getBean(PlatformTransactionManager.class));
        for (long start = from; start < to; start += CHUNK) {
            long first = start;
            long end = Math.min(to, start + CHUNK);
            transaction.executeWithoutResult(status -> {
                for (long number = first; number < end; number++) {
                    schedule(outbox, context.message(number), topic);
                }
            });
        }
        closeWriter();
    }

    private void schedule(Outbox outbox, BenchMessage message, String topic) {
        outbox.schedule(
                new Payload(topic, message.keyText(), message.id(), message.text(context.padding())),
                message.keyText());
    }

    @Override
    public void startRelay(String topic) {
        closeWriter();
        relay = start(context.openSink(Map.of("linger.ms", 0)), "10ms");
    }

    @Override
    public void stopRelay() {
        Sink sink = relay.getBean(KafkaHandler.class).sink();
        relay.close();
        relay = null;
        sink.close();
    }

    @Override
    public void transact(BenchMessage message, String topic) {
        ConfigurableApplicationContext now = relay == null ? writer() : relay;
        Outbox outbox = now.getBean(Outbox.class);
        new TransactionTemplate(now.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
            try {
                WorkerDatabase.insertBusiness(
                        DataSourceUtils.getConnection(context.database().dataSource()), message.number());
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            schedule(outbox, message, topic);
        });
    }

    private static final class Unused implements Sink {
        @Override
        public void send(String topic, String key, String id, byte[] payload, Answer answer) {
            throw new UnsupportedOperationException("this process only writes");
        }

        @Override
        public void sendAndWait(String topic, String key, String id, byte[] payload) {
            throw new UnsupportedOperationException("this process only writes");
        }

        @Override
        public void close() {}
    }
}
