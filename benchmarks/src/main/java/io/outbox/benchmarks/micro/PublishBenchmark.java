package io.outbox.benchmarks.micro;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.spi.OutboxStore;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a message costs its publisher before the database: building, checking, encoding. The store does nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PublishBenchmark {
    private static final Object TRANSACTION = new Object();

    private final Outbox<Object> outbox = Outbox.builder(storeThatDoesNothing()).build();
    private final byte[] bytes = new byte[512];
    private final OrderPaid order = new OrderPaid("4711", 1999, "EUR");

    /** A payload of some fields. */
    public record OrderPaid(String order, long cents, String currency) {}

    /** Bytes, with a key. */
    @Benchmark
    public String bytes() {
        return outbox.publish(
                TRANSACTION,
                Message.to("orders")
                        .key("4711")
                        .type("order.paid")
                        .payload(bytes)
                        .build());
    }

    /** An object that becomes JSON, with a key and the headers of a trace. */
    @Benchmark
    public String objectWithHeaders() {
        return outbox.publish(
                TRANSACTION,
                Message.to("orders")
                        .key("4711")
                        .type("order.paid")
                        .headers(Map.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
                        .payload(order)
                        .build());
    }

    /** A proxy, because the interface is large; it costs some ten nanoseconds. */
    @SuppressWarnings("unchecked") // the proxy ignores the type of the transaction
    private static OutboxStore<Object> storeThatDoesNothing() {
        return (OutboxStore<Object>) Proxy.newProxyInstance(
                OutboxStore.class.getClassLoader(),
                new Class<?>[] {OutboxStore.class},
                (self, method, arguments) -> null);
    }
}
