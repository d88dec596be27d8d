package io.outbox.testkit.servers;

import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Gives real servers to tests, examples and benchmarks.
 *
 * <p>A server comes from the first of these that can be had:
 *
 * <ol>
 *   <li>an address in the environment: {@code OUTBOX_TEST_POSTGRESQL_URL}, {@code OUTBOX_TEST_MARIADB_URL},
 *       {@code OUTBOX_TEST_MYSQL_URL}, {@code OUTBOX_TEST_SQLSERVER_URL}, {@code OUTBOX_TEST_ORACLE_URL} (JDBC URLs, with
 *       user and password as parameters), {@code OUTBOX_TEST_KAFKA_BOOTSTRAP}, {@code OUTBOX_TEST_RABBITMQ_URI}. Such a
 *       server cannot be stopped or killed, so that only the shared servers are taken from there;
 *   <li>Docker, through Testcontainers, if an engine answers;
 *   <li>private processes of this machine (Linux): PostgreSQL and Kafka from jars on the class path, MariaDB and RabbitMQ
 *       as the distribution installs them. They listen on the loopback address only. MySQL, SQL Server and Oracle do not
 *       come this way, and the tests that want them bring their drivers.
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
    private static final DatabaseSupply<MySqlServer> MYSQL = DatabaseSupply.mySql();
    private static final DatabaseSupply<MsSqlServer> SQL_SERVER = DatabaseSupply.sqlServer();
    private static final DatabaseSupply<OracleServer> ORACLE = DatabaseSupply.oracle();
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
     * Starts a PgBouncer in transaction mode before a PostgreSQL server, for the caller alone: a process of this machine,
     * as the distribution installs it, wherever the server is.
     *
     * @param server the server behind, which stays the caller's
     * @param settings entries of {@code pgbouncer.ini}, for example {@code default_pool_size}
     * @return PgBouncer, to be closed by the caller
     * @throws IllegalStateException if none can be had, with what to install
     */
    public static PgBouncer newPgBouncer(PostgresServer server, Map<String, String> settings) {
        String problem = LocalPgBouncer.problem();
        if (problem != null) {
            throw new IllegalStateException("no PgBouncer for this test: " + problem);
        }
        LocalPgBouncer local = new LocalPgBouncer(server, settings);
        local.start();
        return new PgBouncer(local);
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
     * @param settings entries of {@code server.properties}, for example {@code message.max.bytes}; {@code listeners},
     *     {@code advertised.listeners} and {@code listener.security.protocol.map} are added to its own
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
     * Returns the MySQL server of this JVM, started at the first call.
     *
     * @return the shared server; it is not started again if a test has stopped it
     * @throws IllegalStateException if none can be had, or its driver is not on the class path
     */
    public static MySqlServer mysql() {
        return MYSQL.shared();
    }

    /**
     * Starts a MySQL server for the caller alone.
     *
     * @param settings options of {@code mysqld} without the dashes, for example {@code innodb_buffer_pool_size}
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, or its driver is not on the class path
     */
    public static MySqlServer newMysql(Map<String, String> settings) {
        return MYSQL.create(settings);
    }

    /**
     * Returns the Microsoft SQL Server of this JVM, started at the first call.
     *
     * @return the shared server; it is not started again if a test has stopped it
     * @throws IllegalStateException if none can be had, or its driver is not on the class path
     */
    public static MsSqlServer sqlserver() {
        return SQL_SERVER.shared();
    }

    /**
     * Starts a Microsoft SQL Server for the caller alone.
     *
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, or its driver is not on the class path
     */
    public static MsSqlServer newSqlserver() {
        return SQL_SERVER.create(Map.of());
    }

    /**
     * Returns the Oracle database of this JVM, started at the first call.
     *
     * @return the shared server; it is not started again if a test has stopped it
     * @throws IllegalStateException if none can be had, or its driver is not on the class path
     */
    public static OracleServer oracle() {
        return ORACLE.shared();
    }

    /**
     * Starts an Oracle database for the caller alone.
     *
     * @return the server, to be closed by the caller
     * @throws IllegalStateException if none can be had, or its driver is not on the class path
     */
    public static OracleServer newOracle() {
        return ORACLE.create(Map.of());
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
