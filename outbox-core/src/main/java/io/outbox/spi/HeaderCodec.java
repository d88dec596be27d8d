package io.outbox.spi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one form in which stores keep headers: a flat JSON object of strings, or null for none. */
public final class HeaderCodec {
    /** Takes names as long as a column can hold, and keeps none of them: they are as many as senders make up. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

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
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("headers are not a JSON object" + place(e.getLocation()));
        } catch (IOException e) {
            throw new IllegalStateException("a StringReader does not fail", e);
        }
        return headers;
    }

    /** Where it went wrong; Jackson's own words quote what stands there. */
    private static String place(@Nullable JsonLocation location) {
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }
}
