package io.outbox.quickstart;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What the tables say, each figure by a query of its own.
 *
 * @param orders orders in the shop's table
 * @param charges charges in billing's table
 * @param handled messages that the dedup store knows as handled by billing
 * @param lost orders without a charge
 * @param chargedTwice orders with more than one
 * @param chargedWrongly charges without an order, or of another amount than its
 * @param outOfOrder charges that came before one of an earlier order of the same customer
 * @param left messages still in the outbox, dead letters among them
 * @param p50Millis half of the orders were charged within this time of being placed
 * @param p99Millis and 99 of 100 within this
 */
record Books(
        long orders,
        long charges,
        long handled,
        long lost,
        long chargedTwice,
        long chargedWrongly,
        long outOfOrder,
        long left,
        double p50Millis,
        double p99Millis) {

    private static final String LOST = """
            select count(*) from {schema}.shop_order o
            where not exists (select 1 from {schema}.billing_charge c where c.order_id = o.id)
            """;

    private static final String CHARGED_TWICE = """
            select count(*) from (
                select order_id from {schema}.billing_charge group by order_id having count(*) > 1
            ) twice
            """;

    private static final String CHARGED_WRONGLY = """
            select count(*) from {schema}.billing_charge c
            where not exists (
                select 1 from {schema}.shop_order o
                where o.id = c.order_id and o.amount_cents = c.amount_cents and o.currency = c.currency)
            """;

    private static final String OUT_OF_ORDER = """
            select count(*) from (
                select c.charge_no,
                    max(c.charge_no) over (partition by o.customer order by o.order_no
                        rows between unbounded preceding and 1 preceding) as latest_before
                from {schema}.shop_order o join {schema}.billing_charge c on c.order_id = o.id
            ) charged
            where charge_no < latest_before
            """;

    private static final String LEFT = """
            select (select count(*) from {schema}.outbox_message) + (select count(*) from {schema}.outbox_parked)
            """;

    private static final String MILLIS = """
            select coalesce(percentile_disc(?) within group (order by millis), 0) from (
                select 1000 * (extract(epoch from c.charged_at) - extract(epoch from o.placed_at)) as millis
                from {schema}.shop_order o join {schema}.billing_charge c on c.order_id = o.id
            ) latency
            """;

    /** Reads the books. */
    static Books of(Database database) throws SQLException {
        try (Connection connection = database.dataSource.getConnection()) {
            Query query = new Query(connection, database.schema);
            return new Books(
                    query.count("select count(*) from {schema}.shop_order"),
                    query.count("select count(*) from {schema}.billing_charge"),
                    query.count("select count(*) from {schema}.outbox_dedup where consumer_group = '" + Billing.GROUP
                            + "'"),
                    query.count(LOST),
                    query.count(CHARGED_TWICE),
                    query.count(CHARGED_WRONGLY),
                    query.count(OUT_OF_ORDER),
                    query.count(LEFT),
                    query.number(MILLIS, 0.5),
                    query.number(MILLIS, 0.99));
        }
    }

    /** Whether nothing waits any more, as far as two cheap queries tell. */
    static boolean areSettled(Database database) throws SQLException {
        try (Connection connection = database.dataSource.getConnection()) {
            Query query = new Query(connection, database.schema);
            return query.count(LEFT) == 0
                    && query.count("select count(*) from {schema}.billing_charge")
                            >= query.count("select count(*) from {schema}.shop_order");
        }
    }

    private record Query(Connection connection, String schema) {
        long count(String sql) throws SQLException {
            return (long) number(sql);
        }

        double number(String sql, Object... arguments) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql.replace("{schema}", schema))) {
                for (int i = 0; i < arguments.length; i++) {
                    statement.setObject(i + 1, arguments[i]);
                }
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getDouble(1);
                }
            }
        }
    }
}
