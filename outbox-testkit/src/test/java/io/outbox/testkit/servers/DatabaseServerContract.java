package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What holds for each database server. */
abstract class DatabaseServerContract<S extends DatabaseServer> extends TestServerContract<S> {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private TestDatabase database;

    @Override
    void prepare() {
        database = server.createDatabase();
        execute(database.dataSource(), "create table kept (what varchar(100))");
    }

    @Override
    void write(String value) {
        execute(database.dataSource(), "insert into kept values ('" + value + "')");
    }

    @Override
    List<String> read() {
        return query(database.dataSource(), "select what from kept");
    }

    @Test
    void createDatabase_isolates() {
        try (TestDatabase one = server.createDatabase();
                TestDatabase other = server.createDatabase()) {
            execute(one.dataSource(), "create table mine (id int)");

            assertThat(one.jdbcUrl()).isNotEqualTo(other.jdbcUrl()).contains(one.name());
            assertThatThrownBy(() -> query(other.dataSource(), "select id from mine"))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void closeDatabase_dropsItAndCanBeRepeated() {
        TestDatabase dropped = server.createDatabase();

        dropped.close();
        dropped.close();

        assertThatThrownBy(() -> query(dropped.dataSource(), "select 1")).isInstanceOf(AssertionError.class);
    }

    @Test
    void kill_withOpenConnections_endsTheirProcessesToo() throws SQLException {
        try (Connection first = server.dataSource().getConnection();
                Connection second = server.dataSource().getConnection()) {
            assertThat(first.isValid(1) && second.isValid(1)).isTrue();

            server.kill();

            assertThat(first.isValid(1)).isFalse();
        }
        server.start();
        assertThat(query(server.dataSource(), "select 1")).containsExactly("1");
    }

    static void execute(DataSource source, String sql) {
        within(LIMIT, () -> {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    static List<String> query(DataSource source, String sql) {
        return within(LIMIT, () -> {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery(sql)) {
                List<String> values = new ArrayList<>();
                while (result.next()) {
                    values.add(result.getString(1));
                }
                return values;
            }
        });
    }
}
