package io.outbox.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads one line of the file. What is no order is refused with a reason that never repeats what the line says. */
final class OrderLine {
    private static final int MAX_TEXT = 100;
    private static final int MAX_ITEMS = 1000;
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private OrderLine() {}

    /** Why a line is no order. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String reason) {
            super(reason);
        }

        MalformedException(String reason, Exception cause) {
            super(reason, cause);
        }
    }

    static String text(byte[] line) throws MalformedException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedException("not UTF-8", e);
        }
    }

    static Order order(String line) throws MalformedException {
        JsonNode json = json(line);
        if (!json.isObject()) {
            throw new MalformedException("not a JSON object");
        }
        String currency = text(json, "currency");
        if (!currency.matches("[A-Z]{3}")) {
            throw new MalformedException("currency must be three capital letters");
        }
        return new Order(
                text(json, "id"),
                text(json, "customer"),
                items(json.path("items")),
                number(json, "amountCents", Long.MAX_VALUE),
                currency);
    }

    private static JsonNode json(String line) throws MalformedException {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new MalformedException("not JSON", e);
        }
    }

    private static List<Order.Item> items(JsonNode json) throws MalformedException {
        if (!json.isArray() || json.isEmpty() || json.size() > MAX_ITEMS) {
            throw new MalformedException("items must be a list of 1 to " + MAX_ITEMS);
        }
        List<Order.Item> items = new ArrayList<>();
        for (JsonNode item : json) {
            items.add(new Order.Item(
                    text(item, "sku"),
                    (int) number(item, "quantity", Integer.MAX_VALUE),
                    number(item, "priceCents", Long.MAX_VALUE)));
        }
        return items;
    }

    private static long number(JsonNode json, String field, long max) throws MalformedException {
        JsonNode value = json.path(field);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() <= 0
                || value.longValue() > max) {
            throw new MalformedException(field + " must be a whole number above 0");
        }
        return value.longValue();
    }

    private static String text(JsonNode json, String field) throws MalformedException {
        String text = json.path(field).textValue();
        if (text == null || text.isBlank() || text.length() > MAX_TEXT) {
            throw new MalformedException(field + " must be a text of 1 to " + MAX_TEXT + " characters");
        }
        // a half of a surrogate pair, or U+0000: JSON can write them, databases do not store them
        if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new MalformedException(field + " has characters that cannot be stored");
        }
        return text;
    }
}
