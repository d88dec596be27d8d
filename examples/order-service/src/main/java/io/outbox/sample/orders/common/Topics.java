package io.outbox.sample.orders.common;

/** The topics, each written by one service, ordered by the order's id. */
public final class Topics {
    /** Written by the order service. */
    public static final String ORDERS = "orders";
    /** Written by inventory. */
    public static final String STOCK = "stock";
    /** Written by payment. */
    public static final String PAYMENTS = "payments";

    /** How many partitions each has. */
    public static final int PARTITIONS = 3;

    private Topics() {}
}
