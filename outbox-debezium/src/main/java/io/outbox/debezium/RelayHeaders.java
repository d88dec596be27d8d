package io.outbox.debezium;

import static java.util.Objects.requireNonNull;

import io.outbox.spi.HeaderCodec;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.transforms.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * A transformation for Kafka Connect that gives a record the headers that the relay's Kafka publisher would give it. It
 * stands behind Debezium's outbox event router, which has put the columns of {@code outbox_message} into the headers
 * {@code ce_id}, {@code ce_type}, {@code ce_time}, {@code content-type} and {@code headers}, as docs/debezium.md has it.
 *
 * <p>The event router cannot make single headers of a column that has several as JSON; everything else that is done here is
 * to have them all: {@code ce_specversion}, {@code ce_source}, the time with six digits, and not the router's own header
 * {@code id}. A record without {@code ce_id}, such as a heartbeat, passes as it is.
 *
 * <p>Setting {@code source}: what {@code ce_source} says, as the setting {@code source} of the publisher; required. Used by
 * one thread at a time, as Kafka Connect does.
 *
 * @param <R> the kind of record
 */
public final class RelayHeaders<R extends ConnectRecord<R>> implements Transformation<R> {
    private static final String SPEC_VERSION = "ce_specversion";
    private static final String ID = "ce_id";
    private static final String TYPE = "ce_type";
    private static final String SOURCE = "ce_source";
    private static final String TIME = "ce_time";
    private static final String CONTENT_TYPE = "content-type";
    private static final Set<String> RESERVED = Set.of(SPEC_VERSION, ID, TYPE, SOURCE, TIME, CONTENT_TYPE);
    private static final String USERS = "headers";

    private static final DateTimeFormatter TIMES = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private String source = "";

    /** Makes a transformation that is to be configured. */
    public RelayHeaders() {}

    /**
     * Takes the setting {@code source}.
     *
     * @param settings the transformation's settings
     * @throws org.apache.kafka.common.config.ConfigException when the source is missing or empty
     */
    @Override
    public void configure(Map<String, ?> settings) {
        source = requireNonNull((String) config().parse(settings).get("source"), "source");
    }

    /**
     * Describes the setting.
     *
     * @return one setting, {@code source}
     */
    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define(
                        "source",
                        ConfigDef.Type.STRING,
                        ConfigDef.NO_DEFAULT_VALUE,
                        new ConfigDef.NonEmptyString(),
                        ConfigDef.Importance.HIGH,
                        "What the header ce_source says");
    }

    /**
     * Returns the record with the headers of the relay, in the relay's order.
     *
     * @param message what the event router has made
     * @return a new record, or the same when it is no message
     * @throws io.outbox.OutboxException when the header {@code headers} is not what the library has written
     */
    @Override
    public R apply(R message) {
        Headers given = message.headers();
        String id = text(given, ID);
        if (id == null) {
            return message;
        }
        Headers headers = new ConnectHeaders();
        add(headers, SPEC_VERSION, "1.0");
        add(headers, ID, id);
        add(headers, TYPE, text(given, TYPE));
        add(headers, SOURCE, source);
        String time = text(given, TIME);
        add(headers, TIME, time == null ? null : TIMES.format(instant(time)));
        add(headers, CONTENT_TYPE, text(given, CONTENT_TYPE));
        HeaderCodec.fromJson(text(given, USERS)).forEach((name, value) -> {
            if (!RESERVED.contains(name)) {
                add(headers, name, value);
            }
        });
        return message.newRecord(
                message.topic(),
                message.kafkaPartition(),
                message.keySchema(),
                message.key(),
                message.valueSchema(),
                message.value(),
                message.timestamp(),
                headers);
    }

    private static void add(Headers headers, String name, @Nullable String value) {
        if (value != null) {
            headers.add(name, value, Schema.STRING_SCHEMA);
        }
    }

    private static @Nullable String text(Headers headers, String name) {
        Header header = headers.lastWithName(name);
        return header == null || header.value() == null ? null : header.value().toString();
    }

    private static Instant instant(String time) {
        return OffsetDateTime.parse(time).toInstant();
    }

    /** Does nothing. */
    @Override
    public void close() {}
}
