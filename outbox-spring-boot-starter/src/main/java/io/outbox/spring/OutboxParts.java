package io.outbox.spring;

import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.TableNames;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.PayloadCodec;
import io.outbox.spi.Publisher;
import io.outbox.spi.RelayListener;
import java.sql.Connection;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Makes the parts of an outbox from the application's properties and beans.
 *
 * @param properties {@code outbox.*}
 * @param names of the tables
 * @param types names of types
 * @param codec encodes payloads
 * @param retries when relays try again
 * @param listeners hear what relays do
 */
record OutboxParts(
        OutboxProperties properties,
        TableNames names,
        ObjectProvider<MessageTypes> types,
        ObjectProvider<PayloadCodec> codec,
        ObjectProvider<RetryPolicy> retries,
        ObjectProvider<RelayListener> listeners) {

    JdbcOutboxStore store(DataSource dataSource) {
        OutboxSchema schema = OutboxSchema.of(dataSource).withTables(names);
        switch (properties.schema().mode()) {
            case CREATE -> schema.create();
            case VALIDATE -> schema.verify();
            case NONE -> {}
        }
        return JdbcOutboxStore.of(dataSource, names);
    }

    JdbcDedupStore dedup(DataSource dataSource) {
        return JdbcDedupStore.of(dataSource, names);
    }

    Outbox<Connection> outbox(JdbcOutboxStore store) {
        Outbox.Builder<Connection> builder = Outbox.builder(store);
        types.ifUnique(builder::types);
        codec.ifUnique(builder::codec);
        return builder.build();
    }

    Relay relay(JdbcOutboxStore store, Publisher publisher) {
        Relay.Builder builder = Relay.builder(store).publisher(publisher);
        OutboxProperties.RelayOptions relay = properties.relay();
        if (relay.leaseTime() != null) {
            builder.leaseTime(relay.leaseTime());
        }
        if (relay.retention() != null) {
            builder.retention(relay.retention());
        }
        retries.ifUnique(builder::retryPolicy);
        listeners.ifUnique(builder::listener);
        return builder.build();
    }
}
