package io.outbox.sample.bookshop;

/**
 * The carrier's word that a parcel was handed over. The carrier tells it as often as it likes.
 *
 * @param number the carrier's own number, the same each time
 * @param orderId whose parcel it is
 */
record Scan(String number, String orderId) {}
