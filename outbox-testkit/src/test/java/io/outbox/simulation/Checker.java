package io.outbox.simulation;

import io.outbox.simulation.History.Event;
import io.outbox.simulation.History.Written;
import io.outbox.simulation.Violation.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges a run by its history alone. */
final class Checker {
    /** After the trouble is over, relays and leases need so long until all goes as usual. */
    private static final long SETTLING = Duration.ofSeconds(14).toNanos();
    /** From then on a message that nothing stands before arrives within this. */
    private static final long PROMPT = Duration.ofSeconds(4).toNanos();
    /** Retries have a bound of their own, on top of the window. */
    private static final int RETRIES_IN_FLIGHT = 200;

    private static final int FEWEST = 100;

    private final History history;
    private final List<String> groups;
    private final String deadDestination;
    private final Instant databaseStart;
    private final List<Violation> violations = new ArrayList<>();

    /** When each was committed, in commit order. */
    private final Map<String, Long> committed = new LinkedHashMap<>();

    /** When each arrived first, in that order. */
    private final Map<String, Long> arrived = new LinkedHashMap<>();

    /** Those that arrived when all was well again; with an earlier arrival too, their acknowledgement had been lost. */
    private final Set<String> arrivedHealed = new HashSet<>();

    private final Set<String> late = new HashSet<>();
    private final Set<String> refused = new LinkedHashSet<>();
    private final Set<String> dead = new LinkedHashSet<>();
    private final Map<String, Map<String, Integer>> effects = new HashMap<>();
    private final Map<String, Long> limits = new HashMap<>();
    private final Map<String, Integer> inFlight = new HashMap<>();
    private int highestArrived = -1;
    private long clockSet;
    private long latestClock;
    private long calm = Long.MAX_VALUE;
    private long healed = Long.MAX_VALUE;

    Checker(History history, List<String> groups, String deadDestination, Instant databaseStart) {
        this.history = history;
        this.groups = groups;
        this.deadDestination = deadDestination;
        this.databaseStart = databaseStart;
    }

    List<Violation> check() {
        history.events().forEach(this::replay);
        checkDeliveries();
        checkEffects();
        checkOrder();
        checkIsolation();
        if (committed.size() < FEWEST) {
            broken(Promise.MEANINGFUL, "only " + committed.size() + " messages were committed");
        }
        return violations;
    }

    private void broken(Promise promise, String text) {
        violations.add(new Violation(promise, text));
    }

    private void replay(Event event) {
        String id = event.message();
        switch (event.what()) {
            case COMMITTED -> {
                committed.put(id, event.nanos());
                if (serial(id) < highestArrived) {
                    late.add(id);
                }
            }
            case ARRIVED -> arrived(event);
            case REFUSED -> refused.add(id);
            case DEAD_LETTER, DISCARDED -> dead.add(id);
            case EFFECT ->
                effects.computeIfAbsent(event.who(), group -> new HashMap<>()).merge(id, 1, Integer::sum);
            case RELAY_STARTED -> limits.put(event.who(), event.number() + RETRIES_IN_FLIGHT);
            case HANDED_OVER -> handedOver(event);
            case ANSWERED -> inFlight.merge(event.who(), -1, Integer::sum);
            case CLOCK_SET -> clockSet += event.number();
            case CALM -> calm = event.nanos();
            case HEALED -> healed = event.nanos();
            default -> {
                // for the reader
            }
        }
        latestClock = Math.max(latestClock, event.nanos() + clockSet);
    }

    private void arrived(Event event) {
        String id = event.message();
        if (!committed.containsKey(id)) {
            broken(Promise.ATOMIC, id + " arrived and was not committed");
        }
        if (arrived.putIfAbsent(id, event.nanos()) == null) {
            highestArrived = Math.max(highestArrived, serial(id));
        }
        if (event.nanos() > healed) {
            arrivedHealed.add(id);
        }
        Written message = history.message(id);
        Instant now = databaseStart.plusNanos(Math.max(latestClock, event.nanos() + clockSet));
        if (message != null && message.due() != null && now.isBefore(message.due())) {
            broken(Promise.ON_TIME, id + " arrived before its time");
        }
    }

    private void handedOver(Event event) {
        int now = inFlight.merge(event.who(), 1, Integer::sum);
        if (now > limits.getOrDefault(event.who(), 0L)) {
            broken(Promise.BOUNDED, event.who() + " has " + now + " in flight");
            limits.put(event.who(), Long.MAX_VALUE);
        }
    }

    private void checkDeliveries() {
        for (String id : committed.keySet()) {
            if (!arrived.containsKey(id) && !dead.contains(id)) {
                broken(late.contains(id) ? Promise.LATE_COMMIT : Promise.AT_LEAST_ONCE, "lost: " + id);
            }
        }
        for (String id : dead) {
            if (!committed.containsKey(id)) {
                broken(Promise.ATOMIC, id + " is a dead letter and was not committed");
            } else if (!refused.contains(id)) {
                broken(Promise.AT_LEAST_ONCE, id + " is a dead letter and was not refused for good");
            }
        }
        for (String id : refused) {
            if (committed.containsKey(id) && !dead.contains(id)) {
                broken(Promise.AT_LEAST_ONCE, id + " was refused for good and is no dead letter");
            }
        }
    }

    private void checkEffects() {
        for (String group : groups) {
            Map<String, Integer> counts = effects.getOrDefault(group, Map.of());
            for (String id : arrived.keySet()) {
                int times = counts.getOrDefault(id, 0);
                if (times != 1) {
                    broken(Promise.EFFECT_ONCE, id + " took effect " + times + " times in " + group);
                }
            }
            counts.keySet().stream()
                    .filter(id -> !arrived.containsKey(id))
                    .forEach(id -> broken(Promise.EFFECT_ONCE, id + " took effect and never arrived"));
        }
    }

    private void checkOrder() {
        Map<String, List<String>> arrivedByKey = byKey(arrived.keySet());
        byKey(committed.keySet()).forEach((key, inCommitOrder) -> {
            List<String> expected =
                    inCommitOrder.stream().filter(arrived::containsKey).toList();
            List<String> seen = arrivedByKey.getOrDefault(key, List.of()).stream()
                    .filter(committed::containsKey)
                    .toList();
            if (!expected.equals(seen)) {
                broken(Promise.ORDER, "of " + key + " " + firstDifference(expected, seen));
            }
        });
    }

    /** Messages that take part in the order of a key. */
    private Map<String, List<String>> byKey(Set<String> ids) {
        Map<String, List<String>> byKey = new LinkedHashMap<>();
        for (String id : ids) {
            String key = orderingKey(id);
            if (key != null) {
                byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(id);
            }
        }
        return byKey;
    }

    private @Nullable String orderingKey(String id) {
        Written message = history.message(id);
        return message == null || message.due() != null ? null : message.key();
    }

    private static String firstDifference(List<String> expected, List<String> seen) {
        int i = 0;
        while (i < expected.size() && i < seen.size() && expected.get(i).equals(seen.get(i))) {
            i++;
        }
        return "at " + i + " expected " + expected.subList(i, Math.min(i + 4, expected.size())) + " but was "
                + seen.subList(i, Math.min(i + 4, seen.size()));
    }

    /** While all is well but one destination, whatever does not wait for that destination arrives promptly. */
    private void checkIsolation() {
        Set<String> waitingKeys = new HashSet<>();
        for (Map.Entry<String, Long> one : committed.entrySet()) {
            String id = one.getKey();
            long at = one.getValue();
            Written message = history.message(id);
            if (message == null || message.due() != null) {
                continue;
            }
            boolean isForDead = message.destination().equals(deadDestination);
            boolean isStopped = isForDead || message.isPoison();
            boolean isSlow = arrived.getOrDefault(id, Long.MAX_VALUE) - at > PROMPT;
            boolean isSentAgain = isForDead && arrivedHealed.contains(id);
            boolean isBehind = message.key() != null && waitingKeys.contains(message.key());
            if (isSlow && !isStopped && !isBehind && at > calm + SETTLING && at < healed - PROMPT) {
                Promise promise = late.contains(id) ? Promise.LATE_COMMIT : Promise.ISOLATION;
                broken(promise, id + " did not arrive within " + Duration.ofNanos(PROMPT));
            }
            if (message.key() != null && (isSentAgain || isSlow && (isStopped || isBehind))) {
                waitingKeys.add(message.key());
            }
        }
    }

    private static int serial(String id) {
        return Integer.parseInt(id.substring(1));
    }

    int committedMessages() {
        return committed.size();
    }

    int lateCommits() {
        return late.size();
    }
}
