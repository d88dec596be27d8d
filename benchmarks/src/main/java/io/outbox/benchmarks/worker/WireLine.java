package io.outbox.benchmarks.worker;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Commands and answers between the bench command and its workers: one line each, a word and named values. */
public record WireLine(String word, Map<String, String> values) {

    /** Writes it without line breaks. */
    public String text() {
        StringBuilder line = new StringBuilder(word);
        values.forEach(
                (name, value) -> line.append(' ').append(name).append('=').append(encode(value)));
        return line.toString();
    }

    /** Reads what {@link #text} wrote. */
    public static WireLine parse(String line) {
        String[] words = line.split(" ");
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int at = words[i].indexOf('=');
            values.put(words[i].substring(0, at), decode(words[i].substring(at + 1)));
        }
        return new WireLine(words[0], values);
    }

    /** Returns a value that must be there. */
    public String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("'" + word + "' has no value " + name);
        }
        return value;
    }

    /** Returns a number that must be there. */
    public long number(String name) {
        return Long.parseLong(text(name));
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String decode(String value) {
        return URLDecoder.decode(value, StandardCharsets.UTF_8);
    }
}
