package io.outbox.torture.history;

/**
 * How much a history is about.
 *
 * @param messages that were committed
 * @param scheduled of them, those with a due time
 * @param deadLetters of the outbox
 * @param sentAgain of these, those that were sent again when their broker was healed
 * @param setAside messages among the consumers' dead letters
 * @param arrivals at the broker, duplicates included
 * @param duplicates of them that were not the first
 */
public record Volume(
        long messages,
        long scheduled,
        long deadLetters,
        long sentAgain,
        long setAside,
        long arrivals,
        long duplicates) {}
