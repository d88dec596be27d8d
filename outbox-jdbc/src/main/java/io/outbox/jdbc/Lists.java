package io.outbox.jdbc;

/** How a list is given to a statement. */
enum Lists {
    /** As an array, by {@link Dialect#setLongs} and its like. */
    ARRAYS,
    /** As one parameter for each of its values. */
    PARAMETERS,
    /** As the text of a JSON array, which the statement takes apart. */
    JSON
}
