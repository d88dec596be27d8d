package io.outbox.torture;

import io.outbox.testkit.servers.TestServer;
import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.faults.TcpProxy;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.BrokerKind;
import java.util.Set;

/** A broker behind a proxy, with what the driver does to it besides killing it. Confined to one thread at a time. */
interface BrokerUnderAttack extends AutoCloseable {

    static BrokerUnderAttack start(BrokerKind kind, TcpProxy proxy) {
        return switch (kind) {
            case KAFKA -> new KafkaUnderAttack(proxy);
            case RABBIT -> new RabbitUnderAttack(proxy);
        };
    }

    TestServer server();

    /** Returns where workers find it: the proxy. */
    String address();

    /** Returns the kinds of fault that it does not know. */
    Set<FaultKind> unknown();

    /** Refuses nothing for good any more. */
    void healForGood();

    /** Takes messages badly, in the way that this kind of fault says, from now on or no longer. */
    void hinder(FaultKind kind, boolean begins);

    /** Returns how many messages the consumers have not acknowledged. */
    long backlog();

    /** Tells a history all that came, in order, and what the consumers have set aside. To be called at the end, when nobody publishes any more. */
    void tell(History history);

    @Override
    void close();
}
