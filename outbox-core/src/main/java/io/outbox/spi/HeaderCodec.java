package io.outbox.spi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one form in which stores keep headers: a flat JSON object of strings, or null for none. */
public final class HeaderCodec {
    private static final JsonFactory JSON = new JsonFactory();

    private HeaderCodec() {}

    /**
     * Writes headers.
     *
     * @param headers names and values, kept in this order
     * @return a JSON object; null when there are none
     */
    public static @Nullable String toJson(Map<String, String> headers) {
        if (headers.isEmpty()) {
            return null;
        }
        StringWriter out = new StringWriter(headers.size() * 48);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (Map.Entry<String, String> header : headers.entrySet()) {
                json.writeStringField(header.getKey(), header.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("a StringWriter does not fail", e);
        }
        return out.toString();
    }

    /**
     * Reads headers.
     *
     * @param text what {@link #toJson} wrote, or null
     * @return names and values in the order written
     * @throws IllegalArgumentException when the text is not a flat JSON object; values that are no strings are taken as
     *     their text
     */
    public static Map<String, String> fromJson(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Map.of();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("headers are not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken().isStructStart()) {
                    throw new IllegalArgumentException("header '" + name + "' is not a string");
                }
                headers.put(name, json.getText());
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("headers are not a JSON object", e);
        }
        return headers;
    }
}
