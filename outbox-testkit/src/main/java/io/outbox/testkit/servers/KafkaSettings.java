package io.outbox.testkit.servers;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The configuration of a single Kafka node that is broker and controller, the same in a process and in a container. */
final class KafkaSettings {

    private static final Map<String, String> ONE_NODE = Map.ofEntries(
            Map.entry("process.roles", "broker,controller"),
            Map.entry("node.id", "1"),
            Map.entry("controller.listener.names", "CONTROLLER"),
            Map.entry("inter.broker.listener.name", "PLAINTEXT"),
            Map.entry("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"),
            Map.entry("auto.create.topics.enable", "false"),
            Map.entry("num.partitions", "1"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "8"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.num.partitions", "8"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            // after a kill the controller lets the broker back in only when its old session has ended; default 9 s
            Map.entry("broker.session.timeout.ms", "2000"),
            Map.entry("broker.heartbeat.interval.ms", "250"),
            // tests wait for rebalances: no wait for further members, and sessions as short as a test wants them
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            Map.entry("group.min.session.timeout.ms", "500"),
            Map.entry("group.consumer.min.session.timeout.ms", "500"),
            Map.entry("group.consumer.min.heartbeat.interval.ms", "100"));

    private static final Set<String> LISTS =
            Set.of("listeners", "advertised.listeners", "listener.security.protocol.map");

    private KafkaSettings() {}

    /**
     * Joins the settings of every test broker, those of the place it runs in, and the caller's, in rising priority. What the
     * caller says of listeners is added, since the tests' own are needed.
     */
    static Map<String, String> join(Map<String, String> place, Map<String, String> caller) {
        Map<String, String> all = new TreeMap<>(ONE_NODE);
        all.putAll(place);
        caller.forEach(
                (key, value) -> all.merge(key, value, (own, more) -> LISTS.contains(key) ? own + "," + more : more));
        return all;
    }

    /** Spells settings as the environment variables that Kafka's image reads. */
    static Map<String, String> environment(Map<String, String> settings) {
        Map<String, String> environment = new TreeMap<>();
        settings.forEach(
                (key, value) -> environment.put("KAFKA_" + key.replace('.', '_').toUpperCase(Locale.ROOT), value));
        return environment;
    }
}
