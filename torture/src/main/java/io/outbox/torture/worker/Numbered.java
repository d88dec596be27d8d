package io.outbox.torture.worker;

import io.outbox.Outbox;
import io.outbox.torture.history.Kind;
import java.nio.charset.StandardCharsets;

/**
 * A message of the run as its payload tells it.
 *
 * @param key whose number it is, and on which channel if not the default one
 * @param number counts up from 1 in each key
 * @param kind what is to become of it
 */
public record Numbered(String key, int number, Kind kind) {
    private static final String LOOSE = "loose";
    private static final char OF_CHANNEL = '@';

    /** Returns whether messages of this key carry it, and so are ordered; others are written without a key. */
    public static boolean isOrdered(String key) {
        return !key.startsWith(LOOSE);
    }

    /** Names one of the keys of a run; every tenth is not ordered. */
    static String key(int index) {
        return (index % 10 == 9 ? LOOSE : "key") + "-" + index;
    }

    /** Names the same key on another channel, where it has numbers and an order of its own. */
    static String onChannel(String key, String channel) {
        return key + OF_CHANNEL + channel;
    }

    /** Returns the key as the library is told it: the same on each channel. */
    String plainKey() {
        int end = key.indexOf(OF_CHANNEL);
        return end < 0 ? key : key.substring(0, end);
    }

    /** Returns the channel. */
    String channel() {
        int end = key.indexOf(OF_CHANNEL);
        return end < 0 ? Outbox.DEFAULT_CHANNEL : key.substring(end + 1);
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
