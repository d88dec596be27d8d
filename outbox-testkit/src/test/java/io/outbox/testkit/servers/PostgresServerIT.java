package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresServerIT extends DatabaseServerContract<PostgresServer> {

    @Override
    PostgresServer create() {
        return TestServers.newPostgres(Map.of("work_mem", "5MB"));
    }

    @Test
    void settings_areDurableAndTheCallers() {
        assertThat(query(server.dataSource(), "show fsync")).containsExactly("on");
        assertThat(query(server.dataSource(), "show synchronous_commit")).containsExactly("on");
        assertThat(query(server.dataSource(), "show full_page_writes")).containsExactly("on");
        assertThat(query(server.dataSource(), "show max_connections")).containsExactly("200");
        assertThat(query(server.dataSource(), "show work_mem")).containsExactly("5MB");
    }

    @Test
    void badSetting_failsWithTheServersOwnWords() {
        assertThatThrownBy(() -> TestServers.newPostgres(Map.of("no_such_setting", "1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("its process ended")
                .hasMessageContaining("unrecognized configuration parameter \"no_such_setting\"");
    }
}
