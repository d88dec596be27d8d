package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.wire.ArrivalCheck;
import io.outbox.benchmarks.wire.Arrivals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** Servers, parties and topics of one benchmark. Confined to one thread. */
public final class Stage implements AutoCloseable {
    private static final Duration STALL = Duration.ofSeconds(60);
    private static final long LOOK_NANOS = 1_000_000;
    private static final long SLOW_LOOK_NANOS = 20_000_000;

    private final Options options;
    private final Servers servers;
    private final List<Party> parties = new ArrayList<>();
    private int topics;

    private Stage(Options options, Servers servers) {
        this.options = options;
        this.servers = servers;
    }

    /** Starts the servers. */
    public static Stage open(Options options, List<String> contenders) {
        contenders.forEach(Contenders::entry);
        return new Stage(options, Servers.start(options, contenders));
    }

    /** Returns the options. */
    public Options options() {
        return options;
    }

    /** Returns the servers. */
    public Servers servers() {
        return servers;
    }

    /** Starts a contender whose first process writes and relays; more processes relay with it. */
    public Party party(String name, int relays) {
        if (relays > 1 && !options.hasServer()) {
            throw new IllegalArgumentException("several relays need a database server, not H2 in memory");
        }
        List<WorkerProcess> processes = new ArrayList<>();
        for (int i = 0; i < relays; i++) {
            processes.add(worker(name));
        }
        return added(new Party(name, processes.get(0), processes));
    }

    /** Starts a contender with one relay: in the process that writes, or for {@link Contenders#APART} in another. */
    public Party party(String name) {
        return name.equals(Contenders.APART)
                ? added(new Party(name, worker(name), List.of(worker(name))))
                : party(name, 1);
    }

    private Party added(Party party) {
        parties.add(party);
        return party;
    }

    private WorkerProcess worker(String name) {
        Map<String, String> settings = new HashMap<>();
        servers.describe(name, settings);
        settings.put("keys", options.text("keys"));
        settings.put("payload", options.text("payload"));
        if (options.isSoak()) {
            settings.put("writers", options.text("writers"));
            settings.put("rate", Long.toString(options.soakRate()));
            settings.put("soakMillis", Long.toString(options.soakTime().toMillis()));
            settings.put(
                    "keepMillis",
                    Long.toString(SoakTimes.keepFor(options.soakTime()).toMillis()));
        }
        settings.put("connections", Integer.toString(options.count("writers") + 16));
        return WorkerProcess.start(name, options.text("relay-jvm"), settings);
    }

    /** Makes a topic for one run. */
    public String newTopic(Party party) {
        String topic = "bench-" + party.name() + "-" + ++topics;
        servers.broker().ifPresent(broker -> broker.createTopic(topic, options.count("partitions")));
        return topic;
    }

    /** Makes a topic that forgets what everybody has long read, so that the disk does not fill up. */
    public String newShortTopic() {
        if (servers.broker().orElse(null) instanceof KafkaBroker kafka) {
            String topic = "bench-soak-" + ++topics;
            kafka.createShortTopic(topic, options.count("partitions"));
            return topic;
        }
        throw new IllegalArgumentException("this workload needs --broker kafka");
    }

    /** Removes a topic. */
    public void deleteTopic(String topic) {
        servers.broker().ifPresent(broker -> broker.deleteTopic(topic));
    }

    /** Makes what the run before has left to write out be written out now, and not during the next. */
    public void settle() {
        servers.settle();
    }

    /** Watches a topic for large amounts. */
    public ArrivalSource watch(Party party, String topic, long expected) {
        Optional<Broker> broker = servers.broker();
        if (broker.isEmpty()) {
            return watchWorker(party, expected);
        }
        ArrivalCheck check = new ArrivalCheck(expected, options.count("keys"), false);
        return broker.get().watch(topic, options.count("partitions"), check, false);
    }

    /** Watches what a worker's own handlers get. */
    public ArrivalSource watchWorker(Party party, long expected) {
        party.expect(expected);
        return new WorkerArrivals(party, expected);
    }

    /** Watches a topic and keeps the time of each message. */
    public TopicConsumer watchTimes(String topic, long expected, boolean prompt) {
        ArrivalCheck check = new ArrivalCheck(expected, options.count("keys"), true);
        if (servers.broker().orElse(null) instanceof KafkaBroker kafka) {
            return kafka.watch(topic, options.count("partitions"), check, prompt);
        }
        throw new IllegalArgumentException("this workload needs --broker kafka");
    }

    /** Waits until so many have arrived, or nothing more has for a minute. */
    public void await(ArrivalSource source, long messages) {
        long look = source instanceof WorkerArrivals ? SLOW_LOOK_NANOS : LOOK_NANOS;
        long last = -1;
        long since = System.nanoTime();
        for (long now = source.distinct(); now < messages; now = source.distinct()) {
            if (now != last) {
                last = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > STALL.toNanos()) {
                return;
            }
            LockSupport.parkNanos(look);
        }
    }

    /** Returns processor seconds by role. */
    public Map<String, Double> cpu(Party party) {
        return CpuMeter.seconds(party.relayPids());
    }

    /** Returns the processor microseconds by role, since a measurement, for each of so many transactions. */
    public Map<String, Double> microsSince(Map<String, Double> before, Party party, long transactions) {
        return CpuMeter.microsPerMessage(before, cpu(party), transactions);
    }

    /** Writes for a time and returns when each transaction was committed. */
    public Load load(Party party, String topic, Duration time, long perSecond, int writers) {
        try {
            Path file = Files.createTempFile("outbox-bench", ".commits");
            try {
                Party.Written written = party.write(topic, writers, time, perSecond, limit(time), file.toString());
                return new Load(written, Load.read(file));
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns how many transactions a load may have at most. */
    public static int limit(Duration time) {
        return (int) Math.min(20_000_000, 40_000 * (time.toSeconds() + 1));
    }

    /** Names the versions of what was measured on. */
    public Map<String, String> versions() {
        return servers.versions();
    }

    @Override
    public void close() {
        parties.forEach(Party::close);
        servers.close();
    }

    /** Arrivals in a worker that stands for the broker as well. */
    private record WorkerArrivals(Party party, long expected) implements ArrivalSource {
        @Override
        public long distinct() {
            return Arrivals.fromMap(party.arrivals(expected)).distinct();
        }

        @Override
        public Arrivals finish(long sent) {
            return Arrivals.fromMap(party.arrivals(sent));
        }
    }
}
