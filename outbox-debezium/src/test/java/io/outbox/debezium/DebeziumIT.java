package io.outbox.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.Transactions;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.relay.Relay;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Debezium's embedded engine emits, with the settings of docs/debezium.properties, is what the relay sends. */
class DebeziumIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private PostgresServer server;
    private JdbcOutboxStore store;
    private Transactions transactions;
    private final Map<String, Sent> emitted = new ConcurrentHashMap<>();

    /** A record as it goes to Kafka; bytes as text. */
    private record Sent(String topic, @Nullable String key, String payload, List<String> headers) {}

    @BeforeEach
    void makeTables() throws Exception {
        server = TestServers.newPostgres(Map.of("wal_level", "logical"));
        store = JdbcOutboxStore.of(server.dataSource());
        OutboxSchema.of(store.dataSource()).create();
        transactions = Transactions.of(store.dataSource());
        for (String statement :
                Files.readString(Path.of("../docs/debezium.sql")).split(";\\s*\n")) {
            execute(statement);
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void debezium_emitsWhatTheRelaySends() throws Exception {
        String topic = "debezium-" + System.nanoTime();
        Outbox<Connection> outbox = Outbox.builder(store).build();
        TestServers.kafka().createTopic(topic, 1);
        publish(outbox, topic);
        Map<String, Sent> sent;
        try (Relay relay = Relay.builder(store)
                .publisher(KafkaPublisher.builder(TestServers.kafka().bootstrapServers())
                        .source("/orders")
                        .build())
                .build()) {
            relay.start();
            sent = received(topic, 5);
        }
        // the relay has deleted what it sent: the log is what Debezium reads
        assertThat(count("select count(*) from outbox_message where channel = 'default'"))
                .isZero();

        DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = engine();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        thread.execute(engine);
        try {
            await().atMost(LONG).until(() -> emitted.size() >= 5);
        } finally {
            engine.close();
            thread.shutdown();
        }

        assertThat(emitted).containsExactlyInAnyOrderEntriesOf(sent);
        assertThat(sent.values())
                .anySatisfy(one -> assertThat(one.headers()).contains("trace\u00fc=\u65e5\ud83d\ude00 \"quoted\""));
    }

    private void publish(Outbox<Connection> outbox, String topic) throws SQLException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        transactions.inTransaction(connection -> {
            outbox.publish(connection, message(topic).build());
            return outbox.publish(
                    connection, message(topic).key("k").payload(all).build());
        });
        Message.Builder unicode = message(topic)
                .key("\u4eba-\ud83d\ude00")
                .header("trace\u00fc", "\u65e5\ud83d\ude00 \"quoted\"")
                .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .header("number", "12")
                .header("empty", "");
        transactions.inTransaction(connection -> outbox.publish(connection, unicode.build()));
        transactions.inTransaction(connection -> outbox.publish(
                connection, message(topic).key("null").payload("null").build()));
        transactions.inTransaction(connection -> outbox.publish(
                connection,
                message(topic).key("large").payload("x".repeat(300_000)).build()));
        try (Connection connection = store.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            outbox.publish(connection, message(topic).key("rolled back").build());
            connection.rollback();
        }
        Outbox<Connection> elsewhere = Outbox.builder(store).channel("rabbit").build();
        transactions.inTransaction(
                connection -> elsewhere.publish(connection, message(topic).build()));
    }

    private static Message.Builder message(String topic) {
        return Message.to(topic).type("order.placed").payload("{\"id\": 1}");
    }

    private static Map<String, Sent> received(String topic, int count) {
        Map<String, Sent> received = new ConcurrentHashMap<>();
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                TestServers.kafka().bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                topic,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            await().atMost(LONG).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    List<String> headers = new ArrayList<>();
                    record.headers().forEach(header -> headers.add(header.key() + "=" + utf8(header.value())));
                    add(received, new Sent(record.topic(), utf8(record.key()), hex(record.value()), headers));
                });
                return received.size() >= count;
            });
        }
        return received;
    }

    private DebeziumEngine<RecordChangeEvent<SourceRecord>> engine() throws Exception {
        Properties settings = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of("../docs/debezium.properties"))) {
            settings.load(file);
        }
        Converter key = converter(settings, "key.converter", true);
        Converter value = converter(settings, "value.converter", false);
        HeaderConverter header = instance(settings, "header.converter", HeaderConverter.class);
        header.configure(Map.of("converter.type", "header"));
        URI address = URI.create(server.jdbcUrl().substring("jdbc:".length()));
        settings.putAll(Map.of(
                "name", "outbox",
                "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore",
                "database.hostname", address.getHost(),
                "database.port", Integer.toString(address.getPort()),
                "database.dbname", address.getPath().substring(1),
                "database.user", server.user(),
                "database.password", server.password()));
        return DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(settings)
                .notifying(event -> add(emitted, sent(event.record(), key, value, header)))
                .build();
    }

    /** Does what Kafka Connect does with a record before it sends it. */
    private static Sent sent(SourceRecord record, Converter key, Converter value, HeaderConverter header) {
        List<String> headers = new ArrayList<>();
        record.headers()
                .forEach(one -> headers.add(one.key() + "="
                        + utf8(header.fromConnectHeader(record.topic(), one.key(), one.schema(), one.value()))));
        return new Sent(
                record.topic(),
                utf8(key.fromConnectData(record.topic(), record.keySchema(), record.key())),
                hex(value.fromConnectData(record.topic(), record.valueSchema(), record.value())),
                headers);
    }

    private static Converter converter(Properties settings, String name, boolean isKey) throws Exception {
        Converter converter = instance(settings, name, Converter.class);
        converter.configure(Map.of(), isKey);
        return converter;
    }

    private static <T> T instance(Properties settings, String name, Class<T> type) throws Exception {
        return type.cast(Class.forName(settings.getProperty(name))
                .getDeclaredConstructor()
                .newInstance());
    }

    private static void add(Map<String, Sent> to, Sent sent) {
        String id = sent.headers().stream()
                .filter(header -> header.startsWith("ce_id="))
                .findFirst()
                .orElse("no id: " + sent);
        assertThat(to.put(id, sent)).as("the same again").isNull();
    }

    private static @Nullable String utf8(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private long count(String query) throws SQLException {
        try (Connection connection = store.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = store.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
