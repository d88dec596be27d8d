package io.outbox.sample.bookshop;

import io.outbox.annotation.Idempotent;
import io.outbox.annotation.Publishes;
import io.outbox.annotation.Transactional;
import java.sql.SQLException;

// tag::bookshop-orders[]
/** The shop's orders. */
interface Orders {
    /** Places an order; the warehouse hears of it if and only if it is committed. */
    @Publishes(destination = "bookshop.orders", key = "result.orderId")
    OrderPlaced place(String customer, String book, int copies) throws SQLException;

    /** Marks an order as sent; called by a loop, whose transaction it joins. */
    @Transactional
    void sent(ParcelSent parcel) throws SQLException;

    /** Marks an order as delivered, once for each of the carrier's numbers. */
    @Idempotent(consumer = "carrier", id = "scan.number")
    void delivered(Scan scan) throws SQLException;
}
// end::bookshop-orders[]
