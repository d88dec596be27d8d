package io.outbox;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.outbox.spi.PayloadCodec;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Encodes payloads as JSON with Jackson. Thread-safe, as long as its mapper is not reconfigured. */
public final class JacksonPayloadCodec implements PayloadCodec {
    private final ObjectMapper mapper;

    /**
     * Makes a codec with a mapper of its own, that ignores fields it does not know, so that a sender may add some. It
     * finds Jackson modules on the class path (for {@code java.time} and the like).
     */
    public JacksonPayloadCodec() {
        this(JsonMapper.builder()
                .findAndAddModules()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build());
    }

    /**
     * Makes a codec with the application's mapper.
     *
     * @param mapper the mapper, used as it is; do not enable default typing in it, which lets a message choose classes
     */
    public JacksonPayloadCodec(ObjectMapper mapper) {
        this.mapper = requireNonNull(mapper, "mapper");
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public byte[] encode(Object payload) {
        try {
            return mapper.writeValueAsBytes(payload);
        } catch (JsonProcessingException e) {
            e.clearLocation();
            throw new InvalidMessageException(
                    "payload of " + payload.getClass().getName() + " cannot be written as JSON", e);
        }
    }

    @Override
    public <P> P decode(byte[] payload, Class<P> payloadClass) {
        P value;
        try {
            value = mapper.readValue(payload, payloadClass);
        } catch (JsonProcessingException e) { // not as the cause: its words quote the payload, and end up in logs
            throw new InvalidMessageException(payload.length + " bytes are not JSON of " + payloadClass.getName() + ": "
                    + e.getClass().getSimpleName() + place(e.getLocation()));
        } catch (IOException e) {
            throw new InvalidMessageException(payload.length + " bytes are not JSON of " + payloadClass.getName(), e);
        }
        if (value == null) {
            throw new InvalidMessageException("payload is JSON null, not " + payloadClass.getName());
        }
        return value;
    }

    private static String place(@Nullable JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
