package io.outbox.quickstart;

import static io.outbox.quickstart.ReportAssert.assertBalances;
import static io.outbox.quickstart.ReportAssert.assertWasTroubled;
import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.Test;

/** The program on a real PostgreSQL and a real Kafka. */
class QuickstartIT {
    private static final PostgresServer POSTGRES = TestServers.postgres();
    private static final String KAFKA = TestServers.kafka().bootstrapServers();

    private static Ran runOnServers(String... more) {
        String[] servers = {
            "--postgresql",
            POSTGRES.jdbcUrl(),
            "--user",
            POSTGRES.user(),
            "--password",
            POSTGRES.password(),
            "--kafka",
            KAFKA
        };
        String[] all = new String[servers.length + more.length];
        System.arraycopy(servers, 0, all, 0, servers.length);
        System.arraycopy(more, 0, all, servers.length, more.length);
        return Ran.with(all);
    }

    @Test
    void run_onRealServersWithChaos_balances() {
        Ran ran = Ran.with("--real", "--chaos");

        assertBalances(ran, 10_000);
        assertWasTroubled(ran);
    }

    @Test
    void run_twiceOnTheSameServers_balancesAndLeavesNothing() throws Exception {
        assertBalances(runOnServers(), 10_000);
        assertBalances(runOnServers(), 10_000);

        assertThat(schemas()).noneMatch(name -> name.startsWith("quickstart_"));
        assertThat(topics()).noneMatch(name -> name.startsWith("quickstart_"));
    }

    private static Set<String> schemas() throws SQLException {
        try (Connection connection = POSTGRES.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select coalesce(string_agg(nspname, ' '), '') from pg_namespace")) {
            row.next();
            return Set.of(row.getString(1).split(" "));
        }
    }

    private static Set<String> topics() throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, KAFKA))) {
            return admin.listTopics().names().get(30, TimeUnit.SECONDS);
        }
    }
}
