package io.outbox.sample.bookshop;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.Supplier;

/** Orders in a table. Begins no transaction: works in the one that the proxy has begun or joined. */
final class JdbcOrders implements Orders {
    /** A customer whose card is always declined. */
    static final String BANKRUPT = "bankrupt";

    private final Supplier<Connection> transaction;

    JdbcOrders(Supplier<Connection> transaction) {
        this.transaction = transaction;
    }

    // tag::bookshop-place[]
    @Override
    public OrderPlaced place(String customer, String book, int copies) throws SQLException {
        String id = UUID.randomUUID().toString();
        Sql.update(
                transaction.get(),
                "insert into shop_order (id, customer, book, copies) values (?, ?, ?, ?)",
                id,
                customer,
                book,
                copies);
        if (customer.equals(BANKRUPT)) {
            throw new DeclinedException(customer); // neither the order nor a message will exist
        }
        return new OrderPlaced(id, customer, book, copies);
    }
    // end::bookshop-place[]

    @Override
    public void sent(ParcelSent parcel) throws SQLException {
        Sql.update(transaction.get(), "update shop_order set sent = sent + 1 where id = ?", parcel.orderId());
    }

    @Override
    public void delivered(Scan scan) throws SQLException {
        Sql.update(transaction.get(), "update shop_order set delivered = delivered + 1 where id = ?", scan.orderId());
    }
}
