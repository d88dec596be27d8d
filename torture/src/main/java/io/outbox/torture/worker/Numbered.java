package io.outbox.torture.worker;

import io.outbox.torture.history.Kind;
import java.nio.charset.StandardCharsets;

/**
 * A message of the run as its payload tells it.
 *
 * @param key whose number it is
 * @param number counts up from 1 in each key
 * @param kind what is to become of it
 */
public record Numbered(String key, int number, Kind kind) {
    private static final String LOOSE = "loose";

    /** Returns whether messages of this key carry it, and so are ordered; others are written without a key. */
    public static boolean isOrdered(String key) {
        return !key.startsWith(LOOSE);
    }

    /** Names one of the keys of a run; every tenth is not ordered. */
    static String key(int index) {
        return (index % 10 == 9 ? LOOSE : "key") + "-" + index;
    }

    /** Returns the payload, with so many bytes more than it needs. */
    String payload(int padding) {
        return key + " " + number + " " + kind + " " + ".".repeat(padding);
    }

    /** Reads a payload. */
    public static Numbered of(byte[] payload) {
        String[] parts = new String(payload, StandardCharsets.UTF_8).split(" ", 4);
        return new Numbered(parts[0], Integer.parseInt(parts[1]), Kind.valueOf(parts[2]));
    }
}
