package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MariaDbServerIT extends DatabaseServerContract<MariaDbServer> {
    @Override
    MariaDbServer create() {
        return TestServers.newMariadb(Map.of("max_connections", "77"));
    }

    @Test
    void settings_areTheCallers_andTextIsUnicode() {
        assertThat(query(server.dataSource(), "select @@max_connections")).containsExactly("77");
        assertThat(query(server.dataSource(), "select @@character_set_server")).containsExactly("utf8mb4");
        assertThat(query(server.dataSource(), "select @@innodb_flush_log_at_trx_commit"))
                .containsExactly("1");
    }
}
