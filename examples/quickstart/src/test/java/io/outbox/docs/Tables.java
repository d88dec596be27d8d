package io.outbox.docs;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** The tables of the services in the examples. */
final class Tables {
    private final DataSource dataSource;

    Tables(DataSource dataSource) throws SQLException {
        this.dataSource = dataSource;
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table placed (id varchar(100) primary key)");
            statement.execute("create table charge (id varchar(100) not null)");
        }
    }

    void insertOrder(Connection connection, OrderPlaced order) throws SQLException {
        insert(connection, "insert into placed (id) values (?)", order.id());
    }

    void charge(Connection connection, OrderPlaced order) throws SQLException {
        insert(connection, "insert into charge (id) values (?)", order.id());
    }

    private static void insert(Connection connection, String sql, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, id);
            statement.executeUpdate();
        }
    }

    long orders() {
        return count("select count(*) from placed");
    }

    long charges() {
        return count("select count(*) from charge");
    }

    private long count(String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
