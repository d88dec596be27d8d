package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Return;
import com.rabbitmq.client.ShutdownListener;
import io.outbox.spi.PublishOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One AMQP channel with publisher confirms, and what is on its way there. The publisher's thread sends; the client's thread
 * brings returns and confirms, a return before the confirm of the same message. Thread-safe.
 */
final class Lane {
    private final Channel channel;
    /** By the number of the confirm; guarded by this. */
    private final NavigableMap<Long, Outgoing> outstanding = new TreeMap<>();

    Lane(Channel channel) throws IOException {
        this.channel = channel;
        channel.confirmSelect();
        channel.addConfirmListener(
                (tag, multiple) -> confirmed(tag, multiple, PublishOutcome.published()),
                (tag, multiple) -> confirmed(
                        tag,
                        multiple,
                        PublishOutcome.rejectedForNow(new IllegalStateException(
                                "the broker refused the message (basic.nack): a queue may be full"))));
        channel.addReturnListener(this::returned);
    }

    void onEnd(ShutdownListener listener) {
        channel.addShutdownListener(listener);
    }

    /** Waits until nothing is on its way. */
    synchronized void awaitEmpty() throws InterruptedException {
        while (!outstanding.isEmpty()) {
            wait();
        }
    }

    /** Sends a message that {@link WireFormat#refusal} has nothing against. */
    void send(Outgoing outgoing, BasicProperties properties) throws IOException {
        synchronized (this) {
            outstanding.put(channel.getNextPublishSeqNo(), outgoing);
        }
        channel.basicPublish(
                outgoing.exchange,
                outgoing.routingKey,
                true,
                properties,
                outgoing.message.message().payload());
    }

    private synchronized void returned(Return back) {
        String id = String.valueOf(back.getProperties().getHeaders().get(WireFormat.PREFIX + "id"));
        for (Outgoing outgoing : outstanding.values()) {
            if (!outgoing.returned
                    && outgoing.message.message().messageId().equals(id)
                    && outgoing.exchange.equals(back.getExchange())
                    && outgoing.routingKey.equals(back.getRoutingKey())) {
                outgoing.returned = true;
                return;
            }
        }
    }

    private void confirmed(long tag, boolean multiple, PublishOutcome outcome) {
        for (Outgoing outgoing : take(tag, multiple)) {
            outgoing.complete(
                    outgoing.returned
                            ? PublishOutcome.rejectedForNow(
                                    new IllegalStateException("unroutable: no queue is bound to "
                                            + outgoing.message.message().destination()))
                            : outcome);
        }
    }

    private synchronized List<Outgoing> take(long tag, boolean multiple) {
        List<Outgoing> taken = new ArrayList<>();
        if (multiple) {
            NavigableMap<Long, Outgoing> upTo = outstanding.headMap(tag, true);
            taken.addAll(upTo.values());
            upTo.clear();
        } else {
            @Nullable Outgoing one = outstanding.remove(tag);
            if (one != null) {
                taken.add(one);
            }
        }
        wakeIfEmpty();
        return taken;
    }

    private void wakeIfEmpty() {
        if (outstanding.isEmpty()) {
            notifyAll();
        }
    }

    /** Takes everything that is on its way, when the channel or its connection has ended. */
    synchronized List<Outgoing> takeAll() {
        List<Outgoing> all = new ArrayList<>(outstanding.values());
        outstanding.clear();
        wakeIfEmpty();
        return all;
    }

    /** Whether something has been waiting for its confirm since before the given time. */
    synchronized boolean isOverdue(long beforeNanos) {
        return !outstanding.isEmpty() && outstanding.firstEntry().getValue().sinceNanos - beforeNanos < 0;
    }
}
