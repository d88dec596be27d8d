package io.outbox.sample.bookshop;

import io.outbox.annotation.Publishes;
import java.sql.SQLException;

/** The warehouse: takes books from the shelf and sends them. */
interface Warehouse {
    /** Sends what was ordered and tells the shop, in one transaction with the order's message being handled. */
    @Publishes(destination = "bookshop.parcels", key = "result.orderId")
    ParcelSent send(OrderPlaced order) throws SQLException;
}
