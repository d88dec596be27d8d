package io.outbox.testkit.servers;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where Oracle Database comes from: an address or Docker, with the driver com.oracle.database.jdbc:ojdbc17 on the class path. Thread-safe. */
final class OracleSupply extends Supply<OracleServer> {
    private static final List<String> CREDENTIALS = List.of("user", "password");
    private static final String DRIVER = "com.oracle.database.jdbc:ojdbc17";
    private static final String USER = "system";
    private static final String PASSWORD = "outbox";

    OracleSupply() {
        super("Oracle Database", "OUTBOX_TEST_ORACLE_URL");
    }

    @Override
    OracleServer external(ExternalServer control, String address) {
        JdbcProbe.requireDriver(address, DRIVER);
        return handle(
                control,
                true,
                JdbcUrl.without(address, CREDENTIALS),
                JdbcUrl.parameter(address, "user").orElse(USER),
                JdbcUrl.parameter(address, "password").orElse(""));
    }

    @Override
    OracleServer docker(Map<String, String> settings, boolean isShared) {
        if (!settings.isEmpty()) {
            throw new IllegalArgumentException("Oracle takes no settings here, was " + settings.keySet());
        }
        int port = FreePort.pick();
        String url = "jdbc:oracle:thin:@//" + DockerServer.address(port) + "/FREEPDB1";
        JdbcProbe.requireDriver(url, DRIVER);
        DockerServer server = new DockerServer(
                "Oracle Database",
                port,
                new DockerImage(DockerImage.ORACLE, 1_521, List.of(), Map.of("ORACLE_PASSWORD", PASSWORD)),
                () -> JdbcProbe.problem(url, USER, PASSWORD));
        server.start();
        return handle(server, isShared, url, USER, PASSWORD);
    }

    @Override
    @Nullable
    String localProblem() {
        return "Oracle Database comes as no private process";
    }

    @Override
    OracleServer local(Map<String, String> settings, boolean isShared) {
        throw new IllegalStateException(localProblem());
    }

    private static OracleServer handle(
            ServerControl control, boolean isShared, String url, String user, String password) {
        return new OracleServer(control, isShared, new TestDatabase("system", url, user, password, () -> {}));
    }
}
