package io.outbox.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.outbox.spi.PublishOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from its opening to the first thing that goes wrong with it: then everything on its way ends as
 * unavailable and the next message opens another. So there is nothing to recover, and nothing to put in order.
 *
 * <p>Used by the publisher's thread; {@link #abort}, {@link #isBlocked} and {@link #isOverdue} by any.
 */
final class Session {
    private final Connection connection;
    private final List<Lane> lanes = new ArrayList<>();
    private final Set<String> knownExchanges = new HashSet<>(Set.of(""));
    private volatile boolean blocked;

    private Session(Connection connection) {
        this.connection = connection;
    }

    static Session open(ConnectionFactory factory, List<Address> addresses, int lanes, WireFormat format)
            throws IOException, TimeoutException {
        Connection connection =
                addresses.isEmpty() ? factory.newConnection("outbox") : factory.newConnection(addresses, "outbox");
        Session session = new Session(connection);
        connection.addBlockedListener(reason -> session.blocked = true, () -> session.blocked = false);
        for (int i = 0; i < lanes; i++) {
            Channel channel = connection.createChannel();
            channel.addShutdownListener(session::ended);
            session.lanes.add(new Lane(channel, format));
        }
        return session;
    }

    /** Sends a message, or says at once why not. Fails when the session is over. */
    @Nullable
    PublishOutcome send(Outgoing outgoing) throws IOException {
        PublishOutcome refusal = knownExchanges.contains(outgoing.exchange) ? null : lookUp(outgoing.exchange);
        if (refusal == null) {
            lanes.get(outgoing.message.shard() % lanes.size()).send(outgoing);
        }
        return refusal;
    }

    /** Asks for an exchange before it is used: publishing to a missing one would end the AMQP channel for all others. */
    private @Nullable PublishOutcome lookUp(String exchange) throws IOException {
        Channel channel = connection.createChannel();
        try {
            channel.exchangeDeclarePassive(exchange);
            channel.close();
            knownExchanges.add(exchange);
            return null;
        } catch (TimeoutException e) {
            throw new IOException(e);
        } catch (IOException e) {
            int code = closeCode(e);
            if (code == AMQP.NOT_FOUND) {
                return PublishOutcome.rejectedForNow(e);
            }
            if (code == AMQP.ACCESS_REFUSED) {
                return PublishOutcome.rejectedForGood(e);
            }
            throw e;
        }
    }

    private static int closeCode(IOException e) {
        return e.getCause() instanceof ShutdownSignalException signal
                        && signal.getReason() instanceof AMQP.Channel.Close close
                ? close.getReplyCode()
                : 0;
    }

    /** An AMQP channel has ended by itself or with the connection: the whole session is over. */
    private void ended(ShutdownSignalException cause) {
        abort(cause);
    }

    boolean isUsable() {
        return connection.isOpen() && lanes.stream().allMatch(Lane::isOpen);
    }

    /** Whether the broker takes nothing more for now: a memory or disk alarm. */
    boolean isBlocked() {
        return blocked;
    }

    boolean isOverdue(long beforeNanos) {
        return lanes.stream().anyMatch(lane -> lane.isOverdue(beforeNanos));
    }

    /** Ends the session and everything on its way. Repeating it does nothing. */
    void abort(Throwable cause) {
        connection.abort(0);
        for (Lane lane : lanes) {
            lane.takeAll().forEach(outgoing -> outgoing.complete(PublishOutcome.channelUnavailable(cause)));
        }
    }
}
