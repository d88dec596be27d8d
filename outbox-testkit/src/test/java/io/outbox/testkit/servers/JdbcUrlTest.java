package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JdbcUrlTest {
    private static final List<String> LEFT_OUT = List.of("user", "password", "databaseName");

    @Test
    void parameters_areReadAndLeftOut() {
        String url = "jdbc:mysql://db:3306/shop?user=a&useSSL=false&password=b%2Bc";

        assertThat(JdbcUrl.parameter(url, "user")).contains("a");
        assertThat(JdbcUrl.parameter(url, "password")).contains("b+c");
        assertThat(JdbcUrl.parameter(url, "pass")).isEmpty();
        assertThat(JdbcUrl.without(url, LEFT_OUT)).isEqualTo("jdbc:mysql://db:3306/shop?useSSL=false");
        assertThat(JdbcUrl.without("jdbc:mysql://db/shop?user=a", LEFT_OUT)).isEqualTo("jdbc:mysql://db/shop");
    }

    @Test
    void parameters_ofSqlServer_areReadAndLeftOut() {
        String url = "jdbc:sqlserver://db:1433;encrypt=false;user=sa;password=b%2B+c;databaseName=shop";

        assertThat(JdbcUrl.parameter(url, "user")).contains("sa");
        assertThat(JdbcUrl.parameter(url, "password")).contains("b%2B+c");
        assertThat(JdbcUrl.without(url, LEFT_OUT)).isEqualTo("jdbc:sqlserver://db:1433;encrypt=false");
        assertThat(JdbcUrl.without("jdbc:sqlserver://db", LEFT_OUT)).isEqualTo("jdbc:sqlserver://db");
    }

    @Test
    void withDatabase_keepsTheParameters() {
        assertThat(JdbcUrl.withDatabase("jdbc:postgresql://db:5432/postgres?ssl=true", "shop"))
                .isEqualTo("jdbc:postgresql://db:5432/shop?ssl=true");
    }
}
