package io.outbox.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where a database comes from: an address or Docker, with its driver on the class path; a subclass knows of private
 * processes, too. Thread-safe.
 */
class DatabaseSupply<S extends DatabaseServer> extends Supply<S> {
    /** The parameters of a URL that say who connects, and to what. */
    private static final List<String> LEFT_OUT = List.of("user", "password", "databaseName");

    private final String product;
    private final String driver;
    private final Administration administration;
    private final Function<Map<String, String>, DockerImage> image;
    private final Handle<S> handle;

    /**
     * Makes a supply.
     *
     * @param variable the environment variable with the JDBC URL of a server that is there
     * @param driver the artifact with the driver
     * @param image what runs in Docker with some settings; throws where it takes none
     */
    DatabaseSupply(
            String product,
            String variable,
            String driver,
            Administration administration,
            Function<Map<String, String>, DockerImage> image,
            Handle<S> handle) {
        super(product, variable);
        this.product = product;
        this.driver = driver;
        this.administration = administration;
        this.image = image;
        this.handle = handle;
    }

    /** The server's own database, its URL at an address {@code host:port}, and the administrator, with Docker's password. */
    record Administration(String database, UnaryOperator<String> url, String user, String password) {}

    /** The constructor of a server. */
    @FunctionalInterface
    interface Handle<S extends DatabaseServer> {
        S of(ServerControl control, boolean isShared, TestDatabase administration);
    }

    static DatabaseSupply<MySqlServer> mySql() {
        return new DatabaseSupply<>(
                "MySQL",
                "OUTBOX_TEST_MYSQL_URL",
                "com.mysql:mysql-connector-j",
                new Administration("mysql", address -> "jdbc:mysql://" + address + "/mysql", "root", "outbox"),
                settings -> new DockerImage(
                        DockerImage.MYSQL, 3_306, daemon("mysqld", settings), Map.of("MYSQL_ROOT_PASSWORD", "outbox")),
                MySqlServer::new);
    }

    static DatabaseSupply<MsSqlServer> sqlServer() {
        String password = "Outbox-4-tests";
        String product = "Microsoft SQL Server";
        return new DatabaseSupply<>(
                product,
                "OUTBOX_TEST_SQLSERVER_URL",
                "com.microsoft.sqlserver:mssql-jdbc",
                new Administration(
                        "master", address -> "jdbc:sqlserver://" + address + ";encrypt=false", "sa", password),
                settings -> new DockerImage(
                        DockerImage.SQL_SERVER,
                        1_433,
                        none(product, settings),
                        Map.of("ACCEPT_EULA", "Y", "MSSQL_SA_PASSWORD", password)),
                MsSqlServer::new);
    }

    static DatabaseSupply<OracleServer> oracle() {
        String product = "Oracle Database";
        return new DatabaseSupply<>(
                product,
                "OUTBOX_TEST_ORACLE_URL",
                "com.oracle.database.jdbc:ojdbc17",
                new Administration(
                        "system", address -> "jdbc:oracle:thin:@//" + address + "/FREEPDB1", "system", "outbox"),
                settings -> new DockerImage(
                        DockerImage.ORACLE, 1_521, none(product, settings), Map.of("ORACLE_PASSWORD", "outbox")),
                OracleServer::new);
    }

    /** A command of MySQL or MariaDB. */
    static List<String> daemon(String program, Map<String, String> settings) {
        List<String> command = new ArrayList<>(List.of(program, "--character-set-server=utf8mb4"));
        settings.forEach((name, value) -> command.add("--" + name + "=" + value));
        return command;
    }

    private static List<String> none(String product, Map<String, String> settings) {
        if (!settings.isEmpty()) {
            throw new IllegalArgumentException(product + " takes no settings here, was " + settings.keySet());
        }
        return List.of();
    }

    @Override
    final S external(ExternalServer control, String address) {
        JdbcProbe.requireDriver(address, driver);
        return handle(
                control,
                true,
                JdbcUrl.without(address, LEFT_OUT),
                JdbcUrl.parameter(address, "user").orElse(administration.user()),
                JdbcUrl.parameter(address, "password").orElse(""));
    }

    @Override
    final S docker(Map<String, String> settings, boolean isShared) {
        DockerImage what = image.apply(settings);
        int port = FreePort.pick();
        String url = administration.url().apply(DockerServer.address(port));
        String user = administration.user();
        String password = administration.password();
        JdbcProbe.requireDriver(url, driver);
        DockerServer server = new DockerServer(product, port, what, () -> JdbcProbe.problem(url, user, password));
        server.start();
        return handle(server, isShared, url, user, password);
    }

    @Override
    @Nullable
    String localProblem() {
        return product + " comes as no private process";
    }

    @Override
    S local(Map<String, String> settings, boolean isShared) {
        throw new IllegalStateException(localProblem());
    }

    final S handle(ServerControl control, boolean isShared, String url, String user, String password) {
        return handle.of(control, isShared, new TestDatabase(administration.database(), url, user, password, () -> {}));
    }
}
