package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.MessageType;
import io.outbox.Outbox;
import io.outbox.annotation.Idempotent;
import io.outbox.annotation.OutboxProxies;
import io.outbox.annotation.Publishes;
import io.outbox.annotation.Transactional;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Annotated methods through JDK proxies, on each database. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class OutboxProxiesIT extends DatabaseTest {
    @MessageType("order.placed")
    record Placed(String orderId, String region) {}

    record Notification(String number, Placed placed) {}

    interface Orders {
        @Publishes(destination = "orders-{result.region}", key = "result.orderId")
        Placed place(String id, String region) throws Exception;

        @Publishes(destination = "orders", key = "result.orderId")
        List<Placed> placeMany(String... ids) throws Exception;

        @Publishes(destination = "orders", key = "arg0", type = "order.found")
        Optional<Placed> find(String id) throws Exception;

        @Publishes(destination = "orders")
        Stream<Placed> stream() throws Exception;

        @Idempotent(consumer = "payments", id = "arg0.number")
        void pay(Notification notification) throws Exception;

        @Transactional
        void placeTwo(String first, String second) throws Exception;

        void plain();
    }

    /** Also shows annotations of a class that is final: the proxy does not extend it. */
    static final class JdbcOrders implements Orders {
        private final Supplier<Connection> transaction;
        private Orders self;

        @Nullable
        Exception failure;

        JdbcOrders(Supplier<Connection> transaction) {
            this.transaction = transaction;
            this.self = this;
        }

        @Override
        public Placed place(String id, String region) throws Exception {
            insert(id);
            return new Placed(id, region);
        }

        private void insert(String id) throws Exception {
            try (PreparedStatement insert = transaction.get().prepareStatement("insert into placed (id) values (?)")) {
                insert.setString(1, id);
                insert.executeUpdate();
            }
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public List<Placed> placeMany(String... ids) throws Exception {
            List<Placed> all = new ArrayList<>();
            for (String id : ids) {
                insert(id);
                all.add(new Placed(id, "eu"));
            }
            all.add(null);
            return all;
        }

        @Override
        public Optional<Placed> find(String id) throws Exception {
            return id.isEmpty() ? Optional.empty() : Optional.of(new Placed(id, "eu"));
        }

        @Override
        public Stream<Placed> stream() {
            return Stream.of(new Placed("s1", "eu"), new Placed("s2", "eu"));
        }

        @Override
        public void pay(Notification notification) throws Exception {
            insert("paid-" + notification.number());
        }

        @Override
        public void placeTwo(String first, String second) throws Exception {
            self.place(first, "eu");
            self.place(second, "eu");
            if (second.equals("bad")) {
                throw new IOException("no second");
            }
        }

        @Override
        public void plain() {
            assertThatIllegalStateException().isThrownBy(transaction::get).withMessageContaining("through the proxy");
        }
    }

    private OutboxProxies<Connection> proxies;
    private JdbcOrders implementation;
    private Orders orders;

    OutboxProxiesIT(Engine engine) {
        super(engine);
    }

    @BeforeEach
    void wrap() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table placed (id varchar(100))");
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
        proxies =
                OutboxProxies.of(transactions, Outbox.builder(store).build()).withDedup(JdbcDedupStore.of(dataSource));
        implementation = new JdbcOrders(proxies::transaction);
        orders = proxies.wrap(Orders.class, implementation);
        implementation.self = orders;
    }

    private List<String> placed() throws SQLException {
        List<String> ids = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select id from placed order by id")) {
            while (row.next()) {
                ids.add(row.getString(1));
            }
        }
        return ids;
    }

    private List<OutboxRecord> messages() {
        return waiting().stream().map(StoredMessage::message).toList();
    }

    @Test
    void whatIsReturned_isPublished_withTheEffects() throws Exception {
        assertThat(orders.place("o1", "eu")).isEqualTo(new Placed("o1", "eu"));

        assertThat(placed()).containsExactly("o1");
        assertThat(messages()).singleElement().satisfies(message -> {
            assertThat(message.destination()).isEqualTo("orders-eu");
            assertThat(message.key()).isEqualTo("o1");
            assertThat(message.type()).isEqualTo("order.placed");
            assertThat(new String(message.payload(), java.nio.charset.StandardCharsets.UTF_8))
                    .contains("\"o1\"");
        });
    }

    @Test
    void elements_arePublishedOneByOne_andNothingForNothing() throws Exception {
        orders.placeMany("a", "b");
        assertThat(orders.find("")).isEmpty();
        assertThat(orders.find("c")).isPresent();
        assertThat(orders.stream()).hasSize(2);

        assertThat(messages()).extracting(OutboxRecord::key).containsExactly("a", "b", "c", null, null);
        assertThat(messages()).extracting(OutboxRecord::type).contains("order.found");
    }

    @Test
    void anyException_rollsBack_andArrivesAsItIs() throws SQLException {
        for (Exception failure : List.of(new IOException("checked"), new IllegalStateException("unchecked"))) {
            implementation.failure = failure;
            assertThatThrownBy(() -> orders.place("o1", "eu")).isSameAs(failure);
        }

        assertThat(placed()).isEmpty();
        assertThat(messages()).isEmpty();
    }

    @Test
    void callsInsideAnother_joinIt() throws Exception {
        orders.placeTwo("a", "b");
        assertThatThrownBy(() -> orders.placeTwo("c", "bad")).hasMessage("no second");
        transactions.inTransaction(connection -> {
            Placed unused = orders.place("d", "eu");
            connection.createStatement().close();
            return unused;
        });
        assertThatThrownBy(() -> transactions.<Placed, Exception>inTransaction(connection -> {
                    Placed unused = orders.place("e", "eu");
                    throw new IOException("outer");
                }))
                .hasMessage("outer");

        assertThat(placed()).containsExactly("a", "b", "d");
        assertThat(messages()).extracting(OutboxRecord::key).containsExactly("a", "b", "d");
        orders.plain();
    }

    @Test
    void idempotentMethods_runOncePerId_alsoConcurrently() throws Exception {
        Notification notification = new Notification("n1", new Placed("o", "eu"));
        implementation.failure = new IOException("not yet");
        assertThatThrownBy(() -> orders.pay(notification)).hasMessage("not yet");
        implementation.failure = null;
        List<CompletableFuture<Void>> calls = Stream.generate(() -> CompletableFuture.runAsync(() -> {
                    try {
                        orders.pay(notification);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .limit(4)
                .toList();
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();

        assertThat(placed()).containsExactly("paid-n1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> orders.pay(new Notification(null, null)))
                .withMessageContaining("is null");
    }

    interface WrongPath {
        @Publishes(destination = "orders", key = "result.orderNumber")
        Placed place();
    }

    interface WrongRoot {
        @Publishes(destination = "orders-{order.region}")
        Placed place(String id);
    }

    interface ReturnsNothing {
        @Publishes(destination = "orders")
        void place();
    }

    interface Asynchronous {
        @Publishes(destination = "orders")
        CompletableFuture<Placed> place();
    }

    interface IdempotentWithResult {
        @Idempotent(consumer = "c", id = "arg0")
        String pay(String id);
    }

    interface Plain {
        void run();
    }

    static class Stray implements Plain {
        @Override
        public void run() {
            place();
        }

        @Publishes(destination = "orders")
        Placed place() {
            return new Placed("x", "eu");
        }
    }

    @Test
    void whatWouldHaveNoEffect_isRefusedWhenItIsWrapped() {
        refused(WrongPath.class, null, "has no property 'orderNumber'");
        refused(WrongRoot.class, null, "begins with 'order'");
        refused(ReturnsNothing.class, null, "returns nothing");
        refused(Asynchronous.class, null, "after the transaction has ended");
        refused(IdempotentWithResult.class, null, "make it void");
        refused(Plain.class, new Stray(), "has no such method");
        refused(JdbcOrders.class, implementation, "is a class");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OutboxProxies.of(
                                transactions, Outbox.builder(store).build())
                        .wrap(Orders.class, implementation))
                .withMessageContaining("withDedup");
    }

    private <I> void refused(Class<I> type, @Nullable I implementation, String reason) {
        I any = implementation != null
                ? implementation
                : type.cast(java.lang.reflect.Proxy.newProxyInstance(
                        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> proxies.wrap(type, any))
                .withMessageContaining(reason);
    }
}
