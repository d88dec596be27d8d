package io.outbox.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes {@code ce_time}: RFC 3339 in UTC with microseconds, as databases keep them. Messages come in the order they were
 * written, so the text of the last second is kept and only the fraction is new. Thread-safe: a lost race costs a repeated
 * formatting.
 */
final class WireTime {
    private static final DateTimeFormatter TO_SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int DIGITS = 6;

    private record Second(long epochSecond, byte[] template) {}

    private volatile Second last = second(0);

    byte[] format(Instant time) {
        Second second = last;
        if (second.epochSecond != time.getEpochSecond()) {
            second = second(time.getEpochSecond());
            last = second;
        }
        byte[] text = second.template.clone();
        int micros = time.getNano() / 1000;
        for (int at = text.length - 2; micros > 0; at--) {
            text[at] = (byte) ('0' + micros % 10);
            micros /= 10;
        }
        return text;
    }

    private static Second second(long epochSecond) {
        String text = TO_SECOND.format(Instant.ofEpochSecond(epochSecond)) + "." + "0".repeat(DIGITS) + "Z";
        return new Second(epochSecond, text.getBytes(StandardCharsets.US_ASCII));
    }
}
