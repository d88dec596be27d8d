package io.outbox;

import static java.util.Objects.requireNonNull;

import io.outbox.internal.Utf8;
import io.outbox.spi.HeaderCodec;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.PayloadCodec;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where an application publishes: writes messages into the outbox table in the caller's own transaction.
 *
 * <p>A message exists if and only if that transaction commits; a relay then publishes it at least once. Thread-safe;
 * make one and share it.
 *
 * @param <T> the handle of the caller's transaction, for JDBC a {@code java.sql.Connection}
 */
public final class Outbox<T> {
    /** The channel of messages that name none, unless the builder sets another. */
    public static final String DEFAULT_CHANNEL = "default";

    private static final int MAX_ID = 200;
    private static final int MAX_NAME = 255;
    private static final int MAX_CONTENT_TYPE = 100;

    private final OutboxStore<T> store;
    private final PayloadCodec codec;
    private final MessageTypes types;
    private final String channel;
    private final int maxPayloadBytes;
    private final int maxHeaderChars;
    private final Supplier<Map<String, String>> traceContext;
    private final MessageIds ids;

    private Outbox(Builder<T> builder) {
        store = builder.store;
        codec = builder.codec;
        types = builder.types;
        channel = builder.channel;
        maxPayloadBytes = builder.maxPayloadBytes;
        maxHeaderChars = builder.maxHeaderChars;
        traceContext = builder.traceContext;
        ids = new MessageIds(builder.clock);
    }

    /**
     * Starts an outbox.
     *
     * @param <T> the handle of the caller's transaction
     * @param store where messages are written
     * @return a new builder
     */
    public static <T> Builder<T> builder(OutboxStore<T> store) {
        return new Builder<>(store);
    }

    /**
     * Writes a message in the caller's transaction. After a roll-back it never existed.
     *
     * @param transaction the caller's open transaction
     * @param message the message
     * @return its id
     * @throws InvalidMessageException when it exceeds a limit, its payload cannot be encoded or it has no type
     * @throws NoTransactionException when there is no transaction to join, such as a connection in auto-commit mode
     * @throws StoreException when the database refuses; the transaction should be rolled back
     */
    public String publish(T transaction, Message message) {
        return publishAll(transaction, List.of(message)).get(0);
    }

    /**
     * Writes several messages at once, in order, in the caller's transaction.
     *
     * @param transaction the caller's open transaction
     * @param messages the messages; none does nothing
     * @return their ids, in the same order
     * @throws InvalidMessageException when one exceeds a limit, cannot be encoded or has no type; none is written then
     * @throws NoTransactionException when there is no transaction to join, such as a connection in auto-commit mode
     * @throws StoreException when the database refuses; the transaction should be rolled back
     */
    public List<String> publishAll(T transaction, Collection<Message> messages) {
        requireNonNull(transaction, "transaction");
        List<OutboxRecord> records = encode(messages);
        write(transaction, records);
        return records.stream().map(OutboxRecord::messageId).toList();
    }

    /**
     * Checks and encodes messages that are to be written later by {@link #write}, so that what is wrong with one fails here. For
     * those who gather the messages of a transaction; others publish.
     *
     * @param messages the messages
     * @return what to write, in the same order; each has its id, its trace context and its cause from now
     * @throws InvalidMessageException when one exceeds a limit, cannot be encoded or has no type
     */
    public List<OutboxRecord> encode(Collection<Message> messages) {
        List<OutboxRecord> records = new ArrayList<>(messages.size());
        for (Message message : messages) {
            records.add(encode(message));
        }
        return records;
    }

    /**
     * Writes messages that {@link #encode} has made, at once and in order, in the caller's transaction.
     *
     * @param transaction the caller's open transaction
     * @param records what to write; none does nothing
     * @throws NoTransactionException when there is no transaction to join, such as a connection in auto-commit mode
     * @throws StoreException when the database refuses; the transaction should be rolled back
     */
    public void write(T transaction, List<OutboxRecord> records) {
        requireNonNull(transaction, "transaction");
        if (!records.isEmpty()) {
            store.append(transaction, records);
        }
    }

    private OutboxRecord encode(Message message) {
        String id = message.id().orElseGet(ids::next);
        Object payload = message.payload();
        String type = message.type().orElseGet(() -> typeOf(payload));
        byte[] bytes;
        String contentType;
        if (payload instanceof byte[] given) {
            bytes = given.clone();
            contentType = "application/octet-stream";
        } else if (payload instanceof String text) {
            if (!Utf8.canCarry(text)) {
                throw new InvalidMessageException("the payload of message " + shorten(id)
                        + " is a String with half of a surrogate pair, which UTF-8 cannot carry");
            }
            bytes = text.getBytes(StandardCharsets.UTF_8);
            contentType = "text/plain; charset=utf-8";
        } else {
            bytes = codec.encode(payload);
            contentType = codec.contentType();
        }
        if (bytes.length > maxPayloadBytes) {
            throw new InvalidMessageException(
                    "payload of message " + shorten(id) + " to " + message.destination() + " has "
                            + bytes.length + " bytes, maxPayloadBytes is " + maxPayloadBytes
                            + ": raise it together with the broker's limit, or store the payload elsewhere and send a reference");
        }
        OutboxRecord record = new OutboxRecord(
                id,
                message.channel().orElse(channel),
                message.destination(),
                message.key().orElse(null),
                type,
                message.contentType().orElse(contentType),
                Causation.join(message.headers(), traceContext.get()),
                bytes,
                message.deliverAt().orElse(null));
        checkLengths(record);
        return record;
    }

    private String typeOf(Object payload) {
        if (payload instanceof byte[] || payload instanceof String) {
            throw new InvalidMessageException(
                    "a payload of bytes or String says nothing of its type: call type(\"…\")");
        }
        return types.nameOf(payload.getClass())
                .orElseThrow(
                        () -> new InvalidMessageException(payload.getClass().getName()
                                + " has no logical type name: annotate it with @MessageType, register it in MessageTypes, or call"
                                + " type(\"…\")"));
    }

    private void checkLengths(OutboxRecord record) {
        checkLength(record, "id", record.messageId(), MAX_ID);
        checkLength(record, "channel", record.channel(), MAX_NAME);
        checkLength(record, "destination", record.destination(), MAX_NAME);
        checkLength(record, "key", record.key() == null ? "" : record.key(), MAX_NAME);
        checkLength(record, "type", record.type(), MAX_NAME);
        checkLength(record, "content type", record.contentType(), MAX_CONTENT_TYPE);
        record.headers().forEach((name, value) -> {
            checkText(record, "the name of a header", name);
            checkText(record, "a header", value);
        });
        String json = HeaderCodec.toJson(record.headers());
        if (json != null && json.length() > maxHeaderChars) {
            throw new InvalidMessageException("headers of message " + record.messageId() + " have " + json.length()
                    + " characters as JSON, maxHeaderChars is " + maxHeaderChars);
        }
    }

    /** What is written as one text must not be read as another: without a check, databases and brokers get a '?'. */
    private static void checkText(OutboxRecord record, String name, String value) {
        if (!Utf8.canCarry(value)) {
            throw new InvalidMessageException(name + " of message " + shorten(record.messageId())
                    + " contains half of a surrogate pair, which UTF-8 cannot carry");
        }
    }

    private static void checkLength(OutboxRecord record, String name, String value, int limit) {
        if (value.length() > limit) {
            throw new InvalidMessageException(name + " of message " + shorten(record.messageId()) + " has "
                    + value.length() + " characters, at most " + limit + " can be stored");
        }
        if (value.indexOf('\0') >= 0) {
            throw new InvalidMessageException(name + " of message " + shorten(record.messageId())
                    + " contains the character U+0000, which databases cannot store");
        }
        checkText(record, name, value);
    }

    private static String shorten(String id) {
        return id.length() <= MAX_ID ? id : id.substring(0, MAX_ID) + "…";
    }

    /**
     * Builds an {@link Outbox}; confined to one thread.
     *
     * @param <T> the handle of the caller's transaction
     */
    public static final class Builder<T> {
        private final OutboxStore<T> store;
        private PayloadCodec codec = new JacksonPayloadCodec();
        private MessageTypes types = MessageTypes.none();
        private String channel = DEFAULT_CHANNEL;
        private int maxPayloadBytes = 1024 * 1024;
        private int maxHeaderChars = 16 * 1024;
        private Supplier<Map<String, String>> traceContext = Map::of;
        private Clock clock = Clock.systemUTC();

        private Builder(OutboxStore<T> store) {
            this.store = requireNonNull(store, "store");
        }

        /**
         * Sets how payload objects become bytes. Default: JSON by Jackson.
         *
         * @param codec the codec
         * @return this builder
         */
        public Builder<T> codec(PayloadCodec codec) {
            this.codec = requireNonNull(codec, "codec");
            return this;
        }

        /**
         * Sets the registry of logical type names. Default: annotated classes only.
         *
         * @param types the registry
         * @return this builder
         */
        public Builder<T> types(MessageTypes types) {
            this.types = requireNonNull(types, "types");
            return this;
        }

        /**
         * Sets the channel of messages that name none. Default: {@value Outbox#DEFAULT_CHANNEL}.
         *
         * @param channel a channel that a relay serves
         * @return this builder
         */
        public Builder<T> channel(String channel) {
            if (requireNonNull(channel, "channel").isBlank()) {
                throw new IllegalArgumentException("channel must not be blank");
            }
            this.channel = channel;
            return this;
        }

        /**
         * Sets the longest payload, so that what the broker would refuse fails in the caller's transaction.
         *
         * @param bytes 1 to 64 MiB; default 1 MiB
         * @return this builder
         */
        public Builder<T> maxPayloadBytes(int bytes) {
            if (bytes < 1 || bytes > 64 * 1024 * 1024) {
                throw new IllegalArgumentException("maxPayloadBytes must be 1 to 67108864 (64 MiB), was " + bytes);
            }
            maxPayloadBytes = bytes;
            return this;
        }

        /**
         * Sets the limit of all headers together, as JSON.
         *
         * @param characters 2 to 1,048,576; default 16,384
         * @return this builder
         */
        public Builder<T> maxHeaderChars(int characters) {
            if (characters < 2 || characters > 1024 * 1024) {
                throw new IllegalArgumentException("maxHeaderChars must be 2 to 1048576, was " + characters);
            }
            maxHeaderChars = characters;
            return this;
        }

        /**
         * Sets where the current trace context comes from: headers such as W3C {@code traceparent} and
         * {@code tracestate}, added to each message unless it has a header of that name. Default: none.
         *
         * @param traceContext called on the publishing thread for each message
         * @return this builder
         */
        public Builder<T> traceContext(Supplier<Map<String, String>> traceContext) {
            this.traceContext = requireNonNull(traceContext, "traceContext");
            return this;
        }

        /**
         * Sets the clock that message ids take their time from. Default: the system's.
         *
         * @param clock the clock
         * @return this builder
         */
        public Builder<T> clock(Clock clock) {
            this.clock = requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Makes the outbox. Touches no database.
         *
         * @return a thread-safe outbox
         */
        public Outbox<T> build() {
            return new Outbox<>(this);
        }
    }
}
