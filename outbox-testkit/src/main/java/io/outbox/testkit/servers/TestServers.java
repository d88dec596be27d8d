package io.outbox.testkit.servers;

import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Gives real servers to tests, examples and benchmarks.
 *
 * <p>A server comes from the first of these that can be had:
 *
 * <ol>
 *   <li>an address in the environment: {@code OUTBOX_TEST_POSTGRESQL_URL}, {@code OUTBOX_TEST_MARIADB_URL} (JDBC URLs,
 *       with user and password as parameters), {@code OUTBOX_TEST_KAFKA_BOOTSTRAP}, {@code OUTBOX_TEST_RABBITMQ_URI}. Such
 *       a server cannot be stopped or killed, so that only the shared servers are taken from there;
 *   <li>Docker, through Testcontainers, if an engine answers;
 *   <li>private processes of this machine (Linux): PostgreSQL and Kafka from jars on the class path, MariaDB and RabbitMQ
 *       as the distribution installs them. They listen on the loopback address only.
 * </ol>
 *
 * <p>{@code OUTBOX_TEST_SERVERS=docker} or {@code =local} leaves out the other of the last two. Where nothing can be had,
 * each method throws an {@link IllegalStateException} that says what to install; nothing is skipped.
 *
 * <p>The shared servers ({@link #postgres()}, {@link #kafka()}, and so on) start at the first call, serve the whole JVM
 * and end with it, even if it is killed. A test that kills or tunes a server takes one of its own ({@link #newPostgres()},
 * {@link #newKafka()}, and so on) and closes it.
 *
 * <p>Thread-safe.
 */
public final class TestServers {

    private static final PostgresSupply POSTGRES = new PostgresSupply();
    private static final KafkaSupply KAFKA = new KafkaSupply();
    private static final MariaDbSupply MARIADB = new MariaDbSupply();
    private static final RabbitSupply RABBIT = new RabbitSupply();

    private TestServers() {}

    /**
     * Returns the PostgreSQL server of this JVM, started at the first call.
     *
     * @return the shared server; it is not started again if a test has stopped it
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static PostgresServer postgres() {
        return POSTGRES.shared();
    }

    /**
     * Starts a PostgreSQL server for the caller alone, with durable settings (fsync on).
     *
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static PostgresServer newPostgres() {
        return POSTGRES.create(Map.of());
    }

    /**
     * Starts a PostgreSQL server for the caller alone.
     *
     * @param settings entries of {@code postgresql.conf}, for example {@code max_connections} (200 by default here)
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static PostgresServer newPostgres(Map<String, String> settings) {
        return POSTGRES.create(settings);
    }

    /**
     * Returns the Kafka server of this JVM, started at the first call.
     *
     * @return the shared server; it is not started again if a test has stopped it
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static KafkaServer kafka() {
        return KAFKA.shared();
    }

    /**
     * Starts a Kafka server for the caller alone.
     *
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static KafkaServer newKafka() {
        return KAFKA.create(Map.of());
    }

    /**
     * Starts a Kafka server for the caller alone.
     *
     * @param settings entries of {@code server.properties}, for example {@code message.max.bytes}
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static KafkaServer newKafka(Map<String, String> settings) {
        return KAFKA.create(settings);
    }

    /**
     * Starts a Kafka server for the caller alone behind a proxy of the caller's: clients connect again to the address that
     * a broker names, so a proxy must be that address. All clients go through the proxy then, the test kit's own too.
     *
     * @param settings entries of {@code server.properties}
     * @param advertised gets the broker's own address ({@code host:port}) before the broker starts, perhaps several times,
     *     and gives the proxy's
     * @return the server, to be closed by the caller; {@link KafkaServer#bootstrapServers()} is its own address
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static KafkaServer newKafka(Map<String, String> settings, UnaryOperator<String> advertised) {
        return new KafkaSupply(advertised).create(settings);
    }

    /**
     * Returns the MariaDB server of this JVM, started at the first call.
     *
     * @return the shared server; it is not started again if a test has stopped it
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static MariaDbServer mariadb() {
        return MARIADB.shared();
    }

    /**
     * Starts a MariaDB server for the caller alone.
     *
     * @param settings options of {@code mariadbd} without the dashes, for example {@code innodb_buffer_pool_size}
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static MariaDbServer newMariadb(Map<String, String> settings) {
        return MARIADB.create(settings);
    }

    /**
     * Returns the RabbitMQ node of this JVM, started at the first call.
     *
     * @return the shared node; it is not started again if a test has stopped it
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static RabbitServer rabbit() {
        return RABBIT.shared();
    }

    /**
     * Starts a RabbitMQ node for the caller alone.
     *
     * @param settings entries of {@code rabbitmq.conf}, for example {@code channel_max}
     * @return the node, to be closed by the caller
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static RabbitServer newRabbit(Map<String, String> settings) {
        return RABBIT.create(settings);
    }
}
