package io.outbox.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.relay.Relay;
import io.outbox.spi.Publisher;
import io.outbox.spi.RelayListener;
import io.outbox.testkit.InProcessBroker;
import io.outbox.testkit.servers.DatabaseServer;
import io.outbox.testkit.servers.TestDatabase;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A database with outbox tables, a broker, and relays that are stopped at the end. */
final class RelaySetting implements AutoCloseable {
    static final String TOPIC = "orders";

    final HikariDataSource dataSource;
    final JdbcOutboxStore store;
    final Transactions transactions;
    final Outbox<Connection> outbox;
    final InProcessBroker broker = InProcessBroker.create();
    private final List<Relay> relays = new ArrayList<>();
    private final AtomicInteger serial = new AtomicInteger();

    RelaySetting(Engine.Address address) {
        this(address.url(), address.user(), address.password());
    }

    RelaySetting(TestDatabase database) {
        this(database.jdbcUrl(), database.user(), database.password());
    }

    RelaySetting(DatabaseServer server) {
        this(new Engine.Address(server.jdbcUrl(), server.user(), server.password()));
    }

    private RelaySetting(String url, String user, String password) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(30);
        config.setConnectionTimeout(2000);
        dataSource = new HikariDataSource(config);
        OutboxSchema.of(dataSource).create();
        store = JdbcOutboxStore.of(dataSource);
        transactions = Transactions.of(dataSource);
        outbox = Outbox.builder(store).build();
    }

    /** A relay with short times; the full sweep is too seldom to help. */
    Relay.Builder relay(Publisher publisher) {
        return Relay.builder(store)
                .publisher(publisher)
                .leaseTime(Duration.ofSeconds(2))
                .retryPollInterval(Duration.ofMillis(100))
                .sweepInterval(Duration.ofHours(1));
    }

    /** A listener that counts failures and hears nothing else. */
    static RelayListener counting(AtomicInteger failures) {
        return (RelayListener) Proxy.newProxyInstance(
                RelayListener.class.getClassLoader(),
                new Class<?>[] {RelayListener.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("onFailure")) {
                        failures.incrementAndGet();
                    }
                    return null;
                });
    }

    Relay start(Relay.Builder builder) {
        Relay relay = builder.build();
        relays.add(relay);
        relay.start();
        return relay;
    }

    Relay startRelay() {
        return start(relay(broker.publisher()));
    }

    /** A message whose payload is a growing number. */
    Message.Builder message(String key) {
        return message(TOPIC, key);
    }

    Message.Builder message(String destination, String key) {
        return Message.to(destination)
                .key(key)
                .type("order.placed")
                .payload(Integer.toString(serial.incrementAndGet()));
    }

    void publish(String key) {
        transactions.inTransaction(
                connection -> outbox.publish(connection, message(key).build()));
    }

    List<ReceivedMessage> arrived() {
        return broker.messages(TOPIC);
    }

    Set<String> arrivedIds() {
        Set<String> ids = new HashSet<>();
        arrived().forEach(message -> ids.add(message.id()));
        return ids;
    }

    /** Payloads of the first deliveries, by key. */
    Map<String, List<String>> firstDeliveries() {
        Map<String, List<String>> byKey = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (ReceivedMessage message : arrived()) {
            if (seen.add(message.id())) {
                byKey.computeIfAbsent(String.valueOf(message.key()), key -> new ArrayList<>())
                        .add(new String(message.payload(), StandardCharsets.UTF_8));
            }
        }
        return byKey;
    }

    @Override
    public void close() {
        relays.forEach(relay -> relay.stop(Duration.ofSeconds(5)));
        broker.close();
        dataSource.close();
    }
}
