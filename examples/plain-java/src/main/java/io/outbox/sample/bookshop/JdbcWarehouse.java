package io.outbox.sample.bookshop;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/** The warehouse's tables. */
final class JdbcWarehouse implements Warehouse {
    private final Supplier<Connection> transaction;

    JdbcWarehouse(Supplier<Connection> transaction) {
        this.transaction = transaction;
    }

    @Override
    public ParcelSent send(OrderPlaced order) throws SQLException {
        Connection connection = transaction.get();
        Sql.update(connection, "update shelf set copies = copies - ? where book = ?", order.copies(), order.book());
        Sql.update(
                connection,
                "insert into parcel (order_id, book, copies) values (?, ?, ?)",
                order.orderId(),
                order.book(),
                order.copies());
        return new ParcelSent(order.orderId(), order.copies());
    }
}
