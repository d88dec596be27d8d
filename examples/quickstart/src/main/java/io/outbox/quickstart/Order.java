package io.outbox.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.outbox.MessageType;
import java.util.Locale;

/**
 * An order, as it stands in the file and as it travels in the message.
 *
 * @param id the order's id
 * @param customer who ordered; orders of one customer are charged in their order
 * @param amountCents what is to be charged
 * @param currency in which currency, three letters
 */
@MessageType("order.placed")
record Order(String id, String customer, long amountCents, String currency) {
    private static final int MAX_TEXT = 100;

    /** Reads an order; throws {@link IllegalArgumentException} with the reason when it is not one. */
    static Order of(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("not a JSON object");
        }
        JsonNode amount = json.path("amountCents");
        if (!amount.isIntegralNumber() || !amount.canConvertToLong() || amount.longValue() <= 0) {
            throw new IllegalArgumentException("amountCents must be a whole number above 0");
        }
        String currency = text(json, "currency");
        if (!currency.matches("[A-Z]{3}")) {
            throw new IllegalArgumentException("currency must be three capital letters");
        }
        return new Order(text(json, "id"), text(json, "customer"), amount.longValue(), currency);
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        String text = value.textValue();
        if (text == null || text.isBlank() || text.length() > MAX_TEXT || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s must be a text of 1 to %d characters", field, MAX_TEXT));
        }
        return text;
    }
}
