package io.outbox.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.docs.AnnotationsSnippets.Orders;
import io.outbox.jdbc.OutboxSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

/** The snippets of docs/annotations.md do what the page says. */
class AnnotationsSnippetsTest {
    private final JdbcDataSource dataSource = new JdbcDataSource();

    @Test
    void ordersArePublished_andPaidOnce() throws SQLException {
        dataSource.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        OutboxSchema.of(dataSource).create();
        number("create table journal (entry varchar(100))");
        Orders orders = AnnotationsSnippets.wrap(dataSource);

        String id = orders.place("c-1", 100).id();
        orders.pay("n-1", id);
        orders.pay("n-1", id);

        assertThat(number("select count(*) from journal")).isEqualTo(2);
        assertThat(number("select count(*) from outbox_message")).isEqualTo(1);
    }

    private int number(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return 0;
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return row.getInt(1);
            }
        }
    }
}
