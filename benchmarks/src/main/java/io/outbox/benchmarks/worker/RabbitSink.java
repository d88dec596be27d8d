package io.outbox.benchmarks.worker;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A plain publisher of CloudEvents: one channel, persistent messages, pipelined confirms, a bound on what is on its way. */
final class RabbitSink implements Sink {
    private static final int WINDOW = 10_000;
    /** The client's own type of a timestamp. */
    @SuppressWarnings("JavaUtilDate")
    private static final Date START = Date.from(Instant.EPOCH);

    private final Connection connection;
    private final Channel channel;
    private final Semaphore room = new Semaphore(WINDOW);
    private final ConcurrentNavigableMap<Long, Answer> outstanding = new ConcurrentSkipListMap<>();

    RabbitSink(String uri) {
        try {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(uri);
            connection = factory.newConnection("bench");
            channel = connection.createChannel();
            channel.confirmSelect();
            channel.addConfirmListener(
                    (tag, multiple) -> confirmed(tag, multiple, null),
                    (tag, multiple) -> confirmed(tag, multiple, new IOException("basic.nack")));
        } catch (IOException | TimeoutException | GeneralSecurityException | URISyntaxException e) {
            throw new IllegalStateException("RabbitMQ does not answer", e);
        }
    }

    private void confirmed(long tag, boolean multiple, @Nullable Exception failure) {
        List<Answer> answers = new ArrayList<>();
        if (multiple) {
            ConcurrentNavigableMap<Long, Answer> upTo = outstanding.headMap(tag, true);
            answers.addAll(upTo.values());
            upTo.clear();
        } else {
            Answer answer = outstanding.remove(tag);
            if (answer != null) {
                answers.add(answer);
            }
        }
        room.release(answers.size());
        answers.forEach(answer -> answer.done(failure));
    }

    @Override
    public synchronized void send(String topic, String key, String id, byte[] payload, Answer answer) {
        room.acquireUninterruptibly();
        outstanding.put(channel.getNextPublishSeqNo(), answer);
        try {
            channel.basicPublish("", topic, properties(key, id), payload);
        } catch (IOException e) {
            throw new IllegalStateException("RabbitMQ refused message " + id, e);
        }
    }

    /** What a CloudEvent has in the binary mode of the AMQP binding, as our messages have. */
    private static BasicProperties properties(String key, String id) {
        Map<String, Object> headers = Map.of(
                "cloudEvents:specversion", "1.0",
                "cloudEvents:id", id,
                "cloudEvents:type", "bench.message",
                "cloudEvents:source", "/bench",
                "cloudEvents:time", "2026-01-01T00:00:00.000000Z",
                "cloudEvents:partitionkey", key);
        return new BasicProperties.Builder()
                .deliveryMode(2)
                .messageId(id)
                .type("bench.message")
                .contentType("text/plain")
                .timestamp(START)
                .headers(headers)
                .build();
    }

    @Override
    public void sendAndWait(String topic, String key, String id, byte[] payload) throws InterruptedException {
        CompletableFuture<@Nullable Exception> answer = new CompletableFuture<>();
        send(topic, key, id, payload, answer::complete);
        try {
            Exception failure = answer.get();
            if (failure != null) {
                throw new IllegalStateException("RabbitMQ refused message " + id, failure);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for what is on its way. */
    @Override
    public void close() {
        room.acquireUninterruptibly(WINDOW);
        connection.abort();
    }
}
