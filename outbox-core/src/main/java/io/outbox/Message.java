package io.outbox;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message as the application sees it: where it goes, what orders it and what it says.
 *
 * <pre>{@code
 * Message.to("orders").key("42").payload(new OrderPaid(42, 1999)).build();
 * }</pre>
 *
 * <p>Immutable, as long as the payload object is not changed before it is published.
 */
public final class Message {
    private final Builder fields;

    private Message(Builder fields) {
        this.fields = fields;
    }

    /**
     * Starts a message to a destination.
     *
     * @param destination a topic, or {@code exchange/routing-key}, as the channel's publisher reads it; not blank
     * @return a new builder
     */
    public static Builder to(String destination) {
        return new Builder(destination);
    }

    /**
     * Returns where the message goes.
     *
     * @return the destination
     */
    public String destination() {
        return fields.destination;
    }

    /**
     * Returns the id the caller chose.
     *
     * @return the id; empty when the library is to make one
     */
    public Optional<String> id() {
        return Optional.ofNullable(fields.id);
    }

    /**
     * Returns the channel the caller chose.
     *
     * @return the channel; empty for the outbox's default
     */
    public Optional<String> channel() {
        return Optional.ofNullable(fields.channel);
    }

    /**
     * Returns what orders this message: messages of one key are published in commit order.
     *
     * @return the key; empty when no order is wanted
     */
    public Optional<String> key() {
        return Optional.ofNullable(fields.key);
    }

    /**
     * Returns the logical type the caller gave.
     *
     * @return the type; empty when it follows from the payload's class
     */
    public Optional<String> type() {
        return Optional.ofNullable(fields.type);
    }

    /**
     * Returns the payload's media type the caller gave.
     *
     * @return the content type; empty when it follows from the payload
     */
    public Optional<String> contentType() {
        return Optional.ofNullable(fields.contentType);
    }

    /**
     * Returns the payload as it was given: bytes, a String or any object the codec can encode.
     *
     * @return the payload
     */
    public Object payload() {
        return fields.payload;
    }

    /**
     * Returns the headers in the order they were added.
     *
     * @return an unmodifiable map
     */
    public Map<String, String> headers() {
        return Collections.unmodifiableMap(fields.headers);
    }

    /**
     * Returns the earliest time of publication, on the database's clock.
     *
     * @return the time; empty for at once
     */
    public Optional<Instant> deliverAt() {
        return Optional.ofNullable(fields.deliverAt);
    }

    /**
     * Starts a message like this one, to change something.
     *
     * @return a new builder with all that this message has
     */
    public Builder toBuilder() {
        return new Builder(fields);
    }

    /** Names destination, key and type; never the payload or header values. */
    @Override
    public String toString() {
        return "Message[destination=" + fields.destination + ", key=" + fields.key + ", type=" + fields.type + ", id="
                + fields.id + "]";
    }

    /** Builds a {@link Message}; confined to one thread, may be reused for several messages. */
    public static final class Builder {
        private final String destination;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private @Nullable String id;
        private @Nullable String channel;
        private @Nullable String key;
        private @Nullable String type;
        private @Nullable String contentType;
        private @Nullable Instant deliverAt;
        private Object payload = new byte[0];

        private Builder(String destination) {
            this.destination = notBlank("destination", destination);
        }

        private Builder(Builder other) {
            destination = other.destination;
            headers.putAll(other.headers);
            id = other.id;
            channel = other.channel;
            key = other.key;
            type = other.type;
            contentType = other.contentType;
            deliverAt = other.deliverAt;
            payload = other.payload;
        }

        /**
         * Sets the message id instead of a UUIDv7 made by the library. Consumers recognise duplicates by it.
         *
         * @param id 1 to 200 characters, not blank
         * @return this builder
         */
        public Builder id(String id) {
            this.id = notBlank("id", id);
            return this;
        }

        /**
         * Sets the channel, the name of the publisher that carries the message.
         *
         * @param channel a channel that a relay serves
         * @return this builder
         */
        public Builder channel(String channel) {
            this.channel = notBlank("channel", channel);
            return this;
        }

        /**
         * Sets the key. Messages of one key are first delivered in commit order, if the caller serialises the
         * transactions that write them.
         *
         * @param key 1 to 255 characters
         * @return this builder
         */
        public Builder key(String key) {
            requireNonNull(key, "key");
            if (key.isEmpty()) {
                throw new IllegalArgumentException("key must not be empty; leave it out where no order is wanted");
            }
            this.key = key;
            return this;
        }

        /**
         * Sets the logical type. Needed for payloads of bytes or String; for other objects it follows from the class.
         *
         * @param type 1 to 255 characters, for example {@code order.paid}
         * @return this builder
         */
        public Builder type(String type) {
            this.type = notBlank("type", type);
            return this;
        }

        /**
         * Sets the media type. Default: {@code application/octet-stream} for bytes, {@code text/plain; charset=utf-8}
         * for a String, the codec's for other objects.
         *
         * @param contentType 1 to 100 characters
         * @return this builder
         */
        public Builder contentType(String contentType) {
            this.contentType = notBlank("contentType", contentType);
            return this;
        }

        /**
         * Sets the payload.
         *
         * @param payload a byte array, a String, or an object that the outbox's codec encodes
         * @return this builder
         */
        public Builder payload(Object payload) {
            this.payload = requireNonNull(payload, "payload");
            return this;
        }

        /**
         * Adds a header, carried to the consumer as it is.
         *
         * @param name not blank; a later value for the same name replaces the earlier one
         * @param value any text
         * @return this builder
         */
        public Builder header(String name, String value) {
            headers.put(notBlank("header name", name), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Adds several headers.
         *
         * @param more names and values
         * @return this builder
         */
        public Builder headers(Map<String, String> more) {
            more.forEach(this::header);
            return this;
        }

        /**
         * Delays publication: not before this time on the database's clock. Such a message takes no part in the order
         * of its key.
         *
         * @param deliverAt the earliest time
         * @return this builder
         */
        public Builder deliverAt(Instant deliverAt) {
            this.deliverAt = requireNonNull(deliverAt, "deliverAt");
            return this;
        }

        /**
         * Makes the message.
         *
         * @return an immutable message
         */
        public Message build() {
            return new Message(new Builder(this));
        }

        private static String notBlank(String name, String value) {
            if (requireNonNull(value, name).isBlank()) {
                throw new IllegalArgumentException(name + " must not be blank");
            }
            return value;
        }
    }
}
