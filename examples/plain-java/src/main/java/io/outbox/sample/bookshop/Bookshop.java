package io.outbox.sample.bookshop;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.annotation.OutboxProxies;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import io.outbox.rabbit.RabbitConsumerLoop;
import io.outbox.rabbit.RabbitPublisher;
import io.outbox.relay.Relay;
import java.sql.Connection;
import java.util.List;
import javax.sql.DataSource;

/** The application: shop, warehouse and what carries messages between them. Thread-safe. */
final class Bookshop implements AutoCloseable {
    static final String ORDERS = "bookshop.orders";
    static final String PARCELS = "bookshop.parcels";
    private static final int THREADS = 2;

    private final Orders orders;
    private final RabbitPublisher publisher;
    private final Relay relay;
    private final List<RabbitConsumerLoop> loops;

    /** Puts the parts together; {@link #start} has messages go round. */
    Bookshop(DataSource dataSource, ConnectionFactory rabbit) {
        // tag::bookshop-proxies[]
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource);
        JdbcDedupStore dedup = JdbcDedupStore.of(dataSource);
        Transactions transactions = Transactions.of(dataSource);
        OutboxProxies<Connection> proxies =
                OutboxProxies.of(transactions, Outbox.builder(store).build()).withDedup(dedup);
        Orders orders = proxies.wrap(Orders.class, new JdbcOrders(proxies::transaction));
        Warehouse warehouse = proxies.wrap(Warehouse.class, new JdbcWarehouse(proxies::transaction));
        // end::bookshop-proxies[]
        this.orders = orders;
        // tag::bookshop-relay[]
        publisher = RabbitPublisher.builder(rabbit).source("/bookshop").build();
        relay = Relay.builder(store).publisher(publisher).build();
        // end::bookshop-relay[]
        // tag::bookshop-loops[]
        MessageTypes types = MessageTypes.of(OrderPlaced.class, ParcelSent.class);
        RabbitConsumerLoop atTheWarehouse = RabbitConsumerLoop.builder(
                        rabbit,
                        List.of(ORDERS),
                        IdempotentConsumer.of("warehouse", transactions, dedup),
                        TypedHandlers.<Connection>builder(types)
                                .on(OrderPlaced.class, (connection, order, message) -> warehouse.send(order))
                                .build())
                .threads(THREADS)
                .declareQueues()
                .build();
        RabbitConsumerLoop atTheShop = RabbitConsumerLoop.builder(
                        rabbit,
                        List.of(PARCELS),
                        IdempotentConsumer.of("shop", transactions, dedup),
                        TypedHandlers.<Connection>builder(types)
                                .on(ParcelSent.class, (connection, parcel, message) -> orders.sent(parcel))
                                .build())
                .declareQueues()
                .build();
        // end::bookshop-loops[]
        loops = List.of(atTheWarehouse, atTheShop);
    }

    Orders orders() {
        return orders;
    }

    void start() {
        relay.start();
        loops.forEach(RabbitConsumerLoop::start);
    }

    /** Finishes what is in hand; what waits in the outbox and in the queues stays there for the next start. */
    @Override
    public void close() {
        loops.forEach(RabbitConsumerLoop::close);
        relay.close();
        publisher.close();
    }
}
