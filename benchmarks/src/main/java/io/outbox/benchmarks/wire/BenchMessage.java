package io.outbox.benchmarks.wire;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * A message of a benchmark: its number in the run, its key, and its place in the order of that key, written at fixed
 * positions of the payload, so that checking it costs next to nothing. The payload is ASCII, so that libraries which
 * serialise to JSON need not escape it, and its padding does not compress.
 *
 * @param number 0 to n - 1 within a run
 * @param key the number of the key
 * @param sequence 0, 1, 2… within the key
 */
public record BenchMessage(long number, int key, int sequence) {
    /** The bytes before the padding. */
    public static final int PREFIX = 46;

    private static final int NUMBER_AT = 2;
    private static final int NUMBER_DIGITS = 12;
    private static final int KEY_AT = 19;
    private static final int KEY_DIGITS = 8;
    private static final int SEQUENCE_AT = 32;
    private static final int SEQUENCE_DIGITS = 10;

    /** Returns the key as text. */
    public String keyText() {
        return keyText(key);
    }

    /** Returns a key as text. */
    public static String keyText(int key) {
        return "key-" + key;
    }

    /** Returns a message id that looks like those that libraries make and follows from the number. */
    public String id() {
        char[] id = "00000000-0000-7000-8000-000000000000".toCharArray();
        putDigits(id, 24, NUMBER_DIGITS, number);
        return new String(id);
    }

    /** Writes the payload as text. */
    public String text(String padding) {
        char[] prefix = "n=000000000000 key=00000000 seq=0000000000 p=|".toCharArray();
        putDigits(prefix, NUMBER_AT, NUMBER_DIGITS, number);
        putDigits(prefix, KEY_AT, KEY_DIGITS, key);
        putDigits(prefix, SEQUENCE_AT, SEQUENCE_DIGITS, sequence);
        return new String(prefix) + padding;
    }

    /** Writes the payload. */
    public byte[] bytes(String padding) {
        return text(padding).getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads a payload. */
    public static BenchMessage read(byte[] payload) {
        if (payload.length < PREFIX || payload[0] != 'n' || payload[PREFIX - 1] != '|') {
            throw new IllegalArgumentException("not a payload of a benchmark, " + payload.length + " bytes");
        }
        return new BenchMessage(
                digits(payload, NUMBER_AT, NUMBER_DIGITS), (int) digits(payload, KEY_AT, KEY_DIGITS), (int)
                        digits(payload, SEQUENCE_AT, SEQUENCE_DIGITS));
    }

    /** Makes the padding of payloads of so many bytes: the same in every process. */
    public static String padding(int payloadBytes) {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        Random random = new Random(42);
        StringBuilder padding = new StringBuilder();
        for (int i = PREFIX; i < payloadBytes; i++) {
            padding.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return padding.toString();
    }

    private static void putDigits(char[] text, int at, int digits, long value) {
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            text[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static long digits(byte[] payload, int at, int digits) {
        long value = 0;
        for (int i = at; i < at + digits; i++) {
            value = value * 10 + payload[i] - '0';
        }
        return value;
    }
}
