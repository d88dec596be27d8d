package io.outbox.benchmarks.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Who can be measured: a name, its class, and where its class path is kept when it is not this one. */
public final class Contenders {
    /** The library itself. */
    public static final String OURS = "outbox";

    /** The library, with the relay in another process than the writers. */
    public static final String APART = "outbox-apart";

    /** The library on PostgreSQL, where it is measured on another database. */
    public static final String ON_POSTGRESQL = "postgresql";

    /** The library with one relay, where the other has several. */
    public static final String ONE_RELAY = "one-relay";

    /** The library's consumer, in batches. */
    public static final String BATCHES = "outbox-batches";

    /** A service that writes and relays for a long time. */
    public static final String SOAK_SERVICE = "soak-service";

    /** The consumer of what it writes. */
    public static final String SOAK_CONSUMER = "soak-consumer";

    private static final Map<String, Entry> ALL = new TreeMap<>(Map.ofEntries(
            own(OURS, "OutboxContender", true),
            own(APART, "OutboxContender", true),
            own(ON_POSTGRESQL, "OutboxContender", true),
            own("outbox-notify", "OutboxContender$Notifying", true),
            own(ONE_RELAY, "OutboxContender", true),
            own("ceiling", "CeilingContender", true),
            own("bare-publisher", "BarePublisherContender", true),
            own("raw-kafka", "BarePublisherContender", true),
            own(BATCHES, "ConsumingContender$InBatches", true),
            own("single", "ConsumingContender$OneByOne", true),
            own("no-dedup", "ConsumingContender$WithoutDedup", true),
            own("naive", "ConsumingContender$Naive", true),
            own(SOAK_SERVICE, "SoakService", true),
            own(SOAK_CONSUMER, "SoakConsumer", true),
            own("bare-insert", "InsertContender", true),
            own("no-outbox", "NoOutboxContender", true),
            peer("transaction-outbox", "txoutbox.TransactionOutboxContender", false),
            peer("namastack", "namastack.NamastackContender", true),
            peer("debezium", "debezium.DebeziumContender", true)));

    private Contenders() {}

    /**
     * One contender.
     *
     * @param className its class
     * @param peer the file with its class path, without extension; empty for this process's own
     * @param ordered whether it promises order per key
     */
    record Entry(String className, String peer, boolean ordered) {
        String classPath() {
            if (peer.isEmpty()) {
                return System.getProperty("java.class.path");
            }
            Path file = Options.peers()
                    .orElseThrow(() -> new IllegalArgumentException("run peers through scripts/bench"))
                    .resolve(peer + ".classpath");
            try {
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw new UncheckedIOException("no class path for peer " + peer, e);
            }
        }
    }

    private static Map.Entry<String, Entry> own(String name, String type, boolean ordered) {
        return Map.entry(name, new Entry("io.outbox.benchmarks.contenders." + type, "", ordered));
    }

    private static Map.Entry<String, Entry> peer(String name, String type, boolean ordered) {
        return Map.entry(name, new Entry("io.outbox.benchmarks.peers." + type, name, ordered));
    }

    static Entry entry(String name) {
        Entry entry = ALL.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("unknown contender " + name + ", known are " + ALL.keySet());
        }
        return entry;
    }

    /** Tells whether a contender has a relay; the others only write. */
    public static boolean relays(String name) {
        return !name.equals("bare-insert") && !name.equals("no-outbox");
    }

    /** Tells whether a contender promises order per key. */
    public static boolean keepsOrder(String name) {
        return entry(name).ordered();
    }
}
