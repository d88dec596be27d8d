package io.outbox.quickstart;

import io.outbox.MessageType;
import java.util.List;

/**
 * An order, as it stands in the file and as it travels in the message.
 *
 * @param id the order's id
 * @param customer who ordered; orders of one customer are charged in the order in which they were placed
 * @param items what was ordered
 * @param amountCents what is to be charged
 * @param currency in which currency, three letters
 */
@MessageType("order.placed")
record Order(String id, String customer, List<Item> items, long amountCents, String currency) {
    /** One position of an order. */
    record Item(String sku, int quantity, long priceCents) {}
}
