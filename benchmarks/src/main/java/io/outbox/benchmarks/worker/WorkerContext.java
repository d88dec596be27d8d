package io.outbox.benchmarks.worker;

import io.outbox.benchmarks.wire.ArrivalCheck;
import io.outbox.benchmarks.wire.BenchMessage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a contender is given: where the servers are and what the messages look like. Thread-safe. */
public final class WorkerContext {
    private final Map<String, String> settings;
    private final WorkerDatabase database;
    private final String padding;
    private volatile @Nullable ArrivalCheck check;

    WorkerContext(Map<String, String> settings) {
        this.settings = Map.copyOf(settings);
        database = new WorkerDatabase(setting("jdbcUrl"), setting("user"), setting("password"), count("connections"));
        padding = BenchMessage.padding(payloadBytes());
    }

    /** Returns the database. */
    public WorkerDatabase database() {
        return database;
    }

    /** Returns the brokers' addresses; null when there is no broker. */
    public @Nullable String bootstrapServers() {
        return settings.get("bootstrapServers");
    }

    /** Returns the address of RabbitMQ; null when that is not the broker. */
    public @Nullable String amqpUri() {
        return settings.get("amqpUri");
    }

    /** Returns a setting that must be there. */
    public String setting(String name) {
        String value = settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the worker was not told " + name);
        }
        return value;
    }

    /** Returns a setting that may be there. */
    public String setting(String name, String byDefault) {
        return settings.getOrDefault(name, byDefault);
    }

    /** Returns a setting that is a number. */
    public int count(String name) {
        return Integer.parseInt(setting(name));
    }

    /** Returns how many keys there are. */
    public int keys() {
        return count("keys");
    }

    /** Returns how long a payload is. */
    public int payloadBytes() {
        return count("payload");
    }

    /** Returns what follows the message's own fields in a payload. */
    public String padding() {
        return padding;
    }

    /** Returns a message of a preloaded backlog: keys take turns. */
    public BenchMessage message(long number) {
        return new BenchMessage(number, (int) (number % keys()), (int) (number / keys()));
    }

    /** Opens the way to the broker, or into nothing where there is none. */
    public Sink openSink(Map<String, Object> producerSettings) {
        String amqp = amqpUri();
        if (amqp != null) {
            return new RabbitSink(amqp);
        }
        String bootstrap = bootstrapServers();
        return bootstrap == null ? new CheckingSink(this::check) : new KafkaSink(bootstrap, producerSettings);
    }

    /** Checks what handlers in this process get, or what would have gone to a broker where there is none. */
    public ArrivalCheck check() {
        ArrivalCheck now = check;
        if (now == null) {
            throw new IllegalStateException("nothing is expected to arrive in this process");
        }
        return now;
    }

    void expect(ArrivalCheck next) {
        check = next;
    }
}
