package io.outbox.sample.bookshop;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** The little JDBC that the bookshop needs. */
final class Sql {
    /** What was received of a book and what is left of it, so that the warehouse can be counted at any time. */
    private static final List<String> TABLES = List.of(
            """
            create table if not exists shop_order (
                id varchar(36) primary key, customer varchar(100) not null, book varchar(100) not null,
                copies int not null, sent int not null default 0, delivered int not null default 0)""",
            """
            create table if not exists shelf (book varchar(100) primary key, received int not null, copies int not null)""",
            // no unique order_id: a parcel that is sent twice is to be seen, not prevented
            "create table if not exists parcel (order_id varchar(36) not null, book varchar(100) not null, copies int not null)");

    private Sql() {}

    static void createTables(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute(table);
            }
        }
    }

    static void update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    static long number(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    static List<String> texts(DataSource dataSource, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }
}
