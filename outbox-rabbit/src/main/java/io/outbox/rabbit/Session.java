package io.outbox.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import io.outbox.spi.PublishOutcome;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from its opening to the first thing that goes wrong with it: then everything on its way ends as
 * unavailable and the next message opens another. So there is nothing to recover, and nothing to put in order.
 *
 * <p>The broker refuses some messages by closing their AMQP channel, without a word which: an exchange that is gone (404) or may not
 * be used (403), contents it does not take (406). A message that was alone on its channel is the one. Otherwise the messages of that
 * channel are suspects, and as many messages are sent carefully after it: each alone on its channel.
 *
 * <p>Used by the publisher's thread; {@link #abort}, {@link #isBlocked} and {@link #isOverdue} by any.
 */
final class Session {
    /** Headers that are let through fit into a frame of this size. */
    private static final int USUAL_FRAME_MAX = 131_072;

    private final BrokerConnection broker;
    private final WireFormat format;
    private final List<Lane> lanes = new CopyOnWriteArrayList<>();
    private final Set<String> knownExchanges = new HashSet<>(Set.of(""));
    /** How many messages are to be sent carefully, in this session and those after it. */
    private final AtomicInteger suspects;

    private volatile boolean blocked;
    private volatile boolean over;

    Session(BrokerConnection broker, WireFormat format, AtomicInteger suspects) {
        this.broker = broker;
        this.format = format;
        this.suspects = suspects;
        broker.connection().addBlockedListener(reason -> blocked = true, () -> blocked = false);
    }

    /** Opens its AMQP channels, before it is used. When that fails, it is to be aborted. */
    void open(int channels) throws IOException {
        for (int i = 0; i < channels; i++) {
            Lane lane = new Lane(broker.connection().createChannel());
            lane.onEnd(cause -> ended(lane, cause));
            lanes.add(lane);
        }
    }

    /** Sends a message, or says at once why not. Fails when the session is over. */
    @Nullable
    PublishOutcome send(Outgoing outgoing) throws IOException, InterruptedException {
        BasicProperties properties;
        try {
            properties = format.properties(outgoing.message);
        } catch (RuntimeException e) { // a time that AMQP cannot carry: the message's fault, not the connection's
            return PublishOutcome.rejectedForGood(e);
        }
        int frameMax = broker.connection().getFrameMax();
        if (frameMax != 0
                && frameMax < USUAL_FRAME_MAX
                && properties.toFrame(0, 0).size() > frameMax) {
            return PublishOutcome.rejectedForGood(new IllegalArgumentException(
                    "the headers do not fit into a frame, frame_max is " + frameMax + " bytes"));
        }
        PublishOutcome refusal = knownExchanges.contains(outgoing.exchange) ? null : lookUp(outgoing.exchange);
        if (refusal == null) {
            Lane lane = lanes.get(outgoing.message.shard() % lanes.size());
            if (suspects.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
                lane.awaitEmpty();
            }
            lane.send(outgoing, properties);
        }
        return refusal;
    }

    /** Asks for an exchange before it is used: publishing to a missing one would end the AMQP channel for all others. */
    private @Nullable PublishOutcome lookUp(String exchange) throws IOException {
        Channel channel = broker.connection().createChannel();
        try {
            channel.exchangeDeclarePassive(exchange);
            channel.close();
            knownExchanges.add(exchange);
            return null;
        } catch (TimeoutException e) {
            throw new IOException(e);
        } catch (IOException e) {
            PublishOutcome refusal = e.getCause() instanceof ShutdownSignalException signal ? refusal(signal) : null;
            if (refusal == null) {
                throw e;
            }
            return refusal;
        }
    }

    /** What the end of an AMQP channel says about the message that led to it; null when it says nothing. */
    private static @Nullable PublishOutcome refusal(ShutdownSignalException signal) {
        int code = signal.getReason() instanceof AMQP.Channel.Close close ? close.getReplyCode() : 0;
        return switch (code) {
            case AMQP.NOT_FOUND -> PublishOutcome.rejectedForNow(signal);
            case AMQP.ACCESS_REFUSED, AMQP.PRECONDITION_FAILED -> PublishOutcome.rejectedForGood(signal);
            default -> null;
        };
    }

    /** An AMQP channel has ended by itself or with the connection: the whole session is over. */
    private void ended(Lane lane, ShutdownSignalException cause) {
        PublishOutcome refusal = refusal(cause);
        if (refusal != null) {
            List<Outgoing> all = lane.takeAll();
            if (all.size() == 1) {
                suspects.set(0);
                all.get(0).complete(refusal);
            } else {
                suspects.accumulateAndGet(all.size() * lanes.size(), Math::max);
                all.forEach(outgoing -> outgoing.complete(PublishOutcome.channelUnavailable(cause)));
            }
        }
        abort(cause);
    }

    boolean isUsable() {
        return !over;
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
        over = true;
        broker.abort(0);
        for (Lane lane : lanes) {
            lane.takeAll().forEach(outgoing -> outgoing.complete(PublishOutcome.channelUnavailable(cause)));
        }
    }
}
