package io.outbox.sample.callback;

import java.time.Instant;

/**
 * A payment, as the provider tells it.
 *
 * @param number the provider's own number, the same in each notification and in its list
 * @param invoice what was paid
 * @param cents the amount
 * @param paidAt when
 */
record Payment(String number, String invoice, long cents, Instant paidAt) {}
