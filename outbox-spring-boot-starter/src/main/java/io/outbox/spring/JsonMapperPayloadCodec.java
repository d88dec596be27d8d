package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.InvalidMessageException;
import io.outbox.spi.PayloadCodec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON by Jackson 3, which Spring Boot 4 configures with {@code spring.jackson.*}: {@code java.time} and the application's own modules
 * included. Decodes to the class that is asked for only. Errors never quote the payload. Thread-safe.
 */
public final class JsonMapperPayloadCodec implements PayloadCodec {
    private final JsonMapper mapper;

    /**
     * Makes a codec.
     *
     * @param mapper the mapper, used as it is; do not activate default typing in it, which lets a message choose classes
     */
    public JsonMapperPayloadCodec(JsonMapper mapper) {
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
        } catch (JacksonException e) {
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
        } catch (JacksonException e) { // not as the cause: its words quote the payload, and end up in logs
            throw new InvalidMessageException(payload.length + " bytes are not JSON of " + payloadClass.getName() + ": "
                    + e.getClass().getSimpleName());
        }
        if (value == null) {
            throw new InvalidMessageException("JSON null is no " + payloadClass.getName());
        }
        return value;
    }
}
