package io.outbox.sample.callback;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.json.JsonMapper;

/**
 * A simulated payment provider: it has a list of payments, and notifies of them as real ones do. Of every five payments one is
 * notified never, one late, and the others twice at the same time. A notification that fails is repeated twice. Thread-safe.
 */
final class Provider implements AutoCloseable {
    private static final int OF = 5;
    private static final int TRIES = 3;
    private static final Duration LATE = Duration.ofMillis(700);
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int NO_CONTENT = 204;

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(LIMIT).build();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(8);
    private final HttpServer server;
    private final List<Payment> payments = new CopyOnWriteArrayList<>();
    private final AtomicInteger sent = new AtomicInteger();
    /** Of answered notifications. */
    private final Queue<Duration> answerTimes = new ConcurrentLinkedQueue<>();

    private volatile List<URI> receivers = List.of();

    Provider() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/payments", exchange -> {
            byte[] list = json.writeValueAsBytes(payments);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, list.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(list);
            }
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Sets where notifications go, in turn. */
    void notifying(String... services) {
        receivers = Arrays.stream(services)
                .map(service -> URI.create(service + "/notifications"))
                .toList();
    }

    /** A customer pays. */
    void pay(String invoice, long cents) {
        Payment payment = new Payment(
                "N-" + UUID.randomUUID(), invoice, cents, Clock.systemUTC().instant());
        payments.add(payment);
        switch (payments.size() % OF) {
            case 0 -> {} // never
            case 1 -> notify(payment, 1, LATE);
            default -> {
                notify(payment, 1, Duration.ZERO);
                notify(payment, 1, Duration.ZERO);
            }
        }
    }

    private void notify(Payment payment, int attempt, Duration delay) {
        var unused = threads.schedule(
                () -> {
                    if (!isTaken(payment) && attempt < TRIES) {
                        notify(payment, attempt + 1, LATE);
                    }
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private boolean isTaken(Payment payment) {
        List<URI> all = receivers;
        HttpRequest request = HttpRequest.newBuilder(all.get(sent.incrementAndGet() % all.size()))
                .header("Content-Type", "application/json")
                .timeout(LIMIT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(payment)))
                .build();
        long start = System.nanoTime();
        try {
            boolean isTaken =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == NO_CONTENT;
            answerTimes.add(Duration.ofNanos(System.nanoTime() - start));
            return isTaken;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    List<Payment> payments() {
        return List.copyOf(payments);
    }

    int sent() {
        return sent.get();
    }

    /** Answer times, the shortest first. */
    List<Duration> answerTimes() {
        return answerTimes.stream().sorted().toList();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
