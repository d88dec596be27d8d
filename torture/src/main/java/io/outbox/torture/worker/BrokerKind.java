package io.outbox.torture.worker;

/** A broker, and how the library is set up for it. */
public enum BrokerKind {
    KAFKA {
        @Override
        BrokerClient client(String address) {
            return new KafkaClient(address);
        }
    },
    RABBIT {
        @Override
        BrokerClient client(String address) {
            return new RabbitClient(address);
        }
    };

    abstract BrokerClient client(String address);
}
