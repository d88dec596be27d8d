package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class TestServersIT {

    @Test
    void postgres_isOnePerJvm_andClosingItDoesNothing() throws SQLException {
        PostgresServer shared = TestServers.postgres();

        shared.close();

        assertThat(TestServers.postgres()).isSameAs(shared);
        try (Connection connection = shared.createDatabase().dataSource().getConnection()) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void closedServer_cannotBeStartedAgain() {
        PostgresServer server = TestServers.newPostgres();

        server.close();
        server.close();

        assertThat(server.isRunning()).isFalse();
        assertThatThrownBy(server::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was closed");
    }
}
