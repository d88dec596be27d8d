package io.outbox.sample.bookshop;

/** The customer's card was declined: the order is not placed. */
final class DeclinedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DeclinedException(String customer) {
        super("the card of " + customer + " was declined");
    }
}
