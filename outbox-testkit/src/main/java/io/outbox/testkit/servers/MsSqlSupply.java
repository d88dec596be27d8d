package io.outbox.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where Microsoft SQL Server comes from: an address or Docker, with the driver com.microsoft.sqlserver:mssql-jdbc on the class path. Thread-safe. */
final class MsSqlSupply extends Supply<MsSqlServer> {
    private static final String DRIVER = "com.microsoft.sqlserver:mssql-jdbc";
    private static final String USER = "sa";
    private static final String PASSWORD = "Outbox-4-tests";

    MsSqlSupply() {
        super("Microsoft SQL Server", "OUTBOX_TEST_SQLSERVER_URL");
    }

    @Override
    MsSqlServer external(ExternalServer control, String address) {
        JdbcProbe.requireDriver(address, DRIVER);
        String user = USER;
        String password = "";
        List<String> kept = new ArrayList<>();
        for (String part : address.split(";")) {
            if (part.startsWith("user=")) {
                user = part.substring("user=".length());
            } else if (part.startsWith("password=")) {
                password = part.substring("password=".length());
            } else if (!part.startsWith("databaseName=")) {
                kept.add(part);
            }
        }
        return handle(control, true, String.join(";", kept), user, password);
    }

    @Override
    MsSqlServer docker(Map<String, String> settings, boolean isShared) {
        if (!settings.isEmpty()) {
            throw new IllegalArgumentException("SQL Server takes no settings here, was " + settings.keySet());
        }
        int port = FreePort.pick();
        String url = "jdbc:sqlserver://" + DockerServer.address(port) + ";encrypt=false";
        JdbcProbe.requireDriver(url, DRIVER);
        DockerServer server = new DockerServer(
                "Microsoft SQL Server",
                port,
                new DockerImage(
                        DockerImage.SQL_SERVER,
                        1_433,
                        List.of(),
                        Map.of("ACCEPT_EULA", "Y", "MSSQL_SA_PASSWORD", PASSWORD)),
                () -> JdbcProbe.problem(url, USER, PASSWORD));
        server.start();
        return handle(server, isShared, url, USER, PASSWORD);
    }

    @Override
    @Nullable
    String localProblem() {
        return "Microsoft SQL Server comes as no private process";
    }

    @Override
    MsSqlServer local(Map<String, String> settings, boolean isShared) {
        throw new IllegalStateException(localProblem());
    }

    private static MsSqlServer handle(
            ServerControl control, boolean isShared, String url, String user, String password) {
        return new MsSqlServer(control, isShared, new TestDatabase("master", url, user, password, () -> {}));
    }
}
