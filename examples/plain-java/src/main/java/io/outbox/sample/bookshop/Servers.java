package io.outbox.sample.bookshop;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.util.List;
import java.util.Map;

/** The database and the broker, with the tables and queues that the bookshop needs. */
record Servers(HikariDataSource dataSource, ConnectionFactory rabbit) implements AutoCloseable {
    private static final int POOL = 10;

    static Servers of(Settings settings) throws Exception {
        Servers servers = new Servers(dataSource(settings), rabbit(settings));
        OutboxSchema.of(servers.dataSource).create();
        Sql.createTables(servers.dataSource);
        servers.declareQueues();
        return servers;
    }

    private static HikariDataSource dataSource(Settings settings) {
        HikariConfig config = new HikariConfig();
        if (settings.postgresql() == null) {
            PostgresServer server = TestServers.postgres();
            config.setJdbcUrl(server.jdbcUrl());
            config.setUsername(server.user());
            config.setPassword(server.password());
        } else {
            config.setJdbcUrl(settings.postgresql());
            config.setUsername(settings.user());
            config.setPassword(settings.password());
        }
        config.setMaximumPoolSize(POOL);
        return new HikariDataSource(config);
    }

    private static ConnectionFactory rabbit(Settings settings) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        String uri = settings.rabbitmq();
        factory.setUri(uri == null ? TestServers.rabbit().uri().toString() : uri);
        return factory;
    }

    // tag::bookshop-queues[]
    private void declareQueues() throws Exception {
        try (Connection connection = rabbit.newConnection();
                Channel channel = connection.createChannel()) {
            for (String queue : List.of(Bookshop.ORDERS, Bookshop.PARCELS)) {
                channel.queueDeclare(queue, true, false, false, Map.of());
            }
        }
    }
    // end::bookshop-queues[]

    @Override
    public void close() {
        dataSource.close();
    }
}
