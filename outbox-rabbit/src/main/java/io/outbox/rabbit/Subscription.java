package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.outbox.consumer.internal.Delivery;
import java.io.IOException;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscription to one queue on an AMQP channel of its own: hands deliveries on and acknowledges what is done, many at
 * once where nothing open stands before them. Over when the queue is deleted or the channel ends; what was not
 * acknowledged then is delivered again.
 *
 * <p>Thread-safe.
 */
final class Subscription extends DefaultConsumer implements Delivery.Source {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

    private final String queue;
    private final LoopSettings settings;
    private final Consumer<Delivered> deliveries;
    private final Consumer<Throwable> onEnd;
    private final int ackAtOnce;

    /** Both guarded by this. */
    private final TreeSet<Long> open = new TreeSet<>();

    private final TreeSet<Long> done = new TreeSet<>();

    private volatile boolean over;

    Subscription(
            Channel channel,
            String queue,
            LoopSettings settings,
            Consumer<Delivered> deliveries,
            Consumer<Throwable> onEnd) {
        super(channel);
        this.queue = queue;
        this.settings = settings;
        this.deliveries = deliveries;
        this.onEnd = onEnd;
        ackAtOnce = Math.max(1, settings.prefetch() / 4);
    }

    String queue() {
        return queue;
    }

    LoopSettings settings() {
        return settings;
    }

    @Override
    public boolean isOver() {
        return over || !getChannel().isOpen();
    }

    @Override
    public void handleDelivery(String consumerTag, Envelope envelope, BasicProperties properties, byte[] body) {
        synchronized (this) {
            open.add(envelope.getDeliveryTag());
        }
        deliveries.accept(new Delivered(this, envelope.getDeliveryTag(), properties, body));
    }

    @Override
    public void handleCancel(String consumerTag) {
        over = true;
        onEnd.accept(new IOException("the broker has cancelled the subscription to queue " + queue
                + ": it was deleted, or its leader moved"));
    }

    @Override
    public void handleShutdownSignal(String consumerTag, ShutdownSignalException signal) {
        onEnd.accept(signal);
    }

    /** The effects of a delivery are committed, or it is set aside. */
    synchronized void done(long tag) {
        open.remove(tag);
        done.add(tag);
        if (done.size() >= ackAtOnce) {
            acknowledge();
        }
    }

    @Override
    public synchronized void flush() {
        acknowledge();
    }

    /** Acknowledges what is done; when it fails, it is delivered again and recognised. */
    private void acknowledge() {
        if (done.isEmpty()) {
            return;
        }
        try {
            Long lowestOpen = open.isEmpty() ? Long.MAX_VALUE : open.first();
            Long last = done.lower(lowestOpen);
            if (last != null) {
                getChannel().basicAck(last, true);
                done.headSet(last, true).clear();
            }
            for (long tag : done) {
                getChannel().basicAck(tag, false);
            }
        } catch (IOException | AlreadyClosedException e) {
            LOG.debug("Acknowledgements to queue {} are lost; the messages come again", queue, e);
        } finally {
            done.clear();
        }
    }
}
