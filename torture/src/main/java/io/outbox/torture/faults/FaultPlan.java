package io.outbox.torture.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What is done when: the same for the same seed. First every kind once in random order, then any. Two faults of one target
 * never overlap in the plan; faults of different targets do. Confined to one thread.
 */
public final class FaultPlan {
    private static final Duration BEGIN = Duration.ofSeconds(3);
    private static final Duration MEAN_GAP = Duration.ofMillis(1_500);
    /** How much of a run its first round, every kind once, may take. */
    private static final double FIRST_ROUND = 0.65;

    private final Random random;
    private final Map<String, Duration> busyUntil = new HashMap<>();

    private FaultPlan(long seed) {
        this.random = new Random(seed);
    }

    /**
     * Makes a plan.
     *
     * @param seed decides everything
     * @param length how long faults are injected
     * @param kinds those that can be done
     * @return faults in the order of their time
     */
    public static List<Fault> of(long seed, Duration length, Set<FaultKind> kinds) {
        return new FaultPlan(seed).make(length, new ArrayList<>(EnumSet.copyOf(kinds)));
    }

    private List<Fault> make(Duration length, List<FaultKind> kinds) {
        double firstRound =
                FIRST_ROUND / kinds.size() * (double) length.minus(BEGIN).toMillis();
        double meanGap = Math.min((double) MEAN_GAP.toMillis(), firstRound);
        List<FaultKind> round = new ArrayList<>(kinds);
        Collections.shuffle(round, random);
        List<Fault> plan = new ArrayList<>();
        Duration at = BEGIN;
        while (at.compareTo(length) < 0) {
            FaultKind kind =
                    plan.size() < round.size() ? round.get(plan.size()) : kinds.get(random.nextInt(kinds.size()));
            int index = random.nextInt(kind.target().count());
            Duration lasting = lasting(kind);
            double strength = random.nextDouble();
            boolean mustHappen = plan.size() < round.size();
            if (isFree(kind, index, at) || mustHappen) {
                Duration free = busyUntil.getOrDefault(place(kind, index), Duration.ZERO);
                Duration begin = free.compareTo(at) > 0 ? free : at;
                plan.add(new Fault(begin, kind, index, lasting, strength));
                busyUntil.put(place(kind, index), begin.plus(lasting).plus(recovery(kind)));
            }
            at = at.plusMillis((long) (meanGap * gap()));
        }
        plan.sort(Comparator.comparing(Fault::at));
        return List.copyOf(plan);
    }

    /** Part of the mean gap: now and then one fault comes right after another, into what that one has begun. */
    private double gap() {
        return random.nextInt(3) == 0 ? 0.1 * random.nextDouble() : 0.6 + 1.8 * random.nextDouble();
    }

    private boolean isFree(FaultKind kind, int index, Duration at) {
        return busyUntil.getOrDefault(place(kind, index), Duration.ZERO).compareTo(at) <= 0;
    }

    private static String place(FaultKind kind, int index) {
        return kind.target() + " " + index;
    }

    /** Mostly short, sometimes long enough for leases, sessions and time-outs to end. */
    private Duration lasting(FaultKind kind) {
        double most = switch (kind) {
            case RELAY_STOP, WRITER_STOP, CONSUMER_STOP -> 9_000;
            case DATABASE_STOP, BROKER_STOP -> 7_000;
            case RELAY_KILL, RELAY_END, WRITER_KILL, WRITER_END, CONSUMER_KILL, CONSUMER_END -> 4_000;
            case DATABASE_KILL, DATABASE_RESTART, BROKER_KILL, BROKER_RESTART -> 3_000;
            case DATABASE_LINK_CUT, BROKER_LINK_CUT -> 1;
            default -> 6_000;
        };
        double part = random.nextDouble();
        return Duration.ofMillis((long) (200 + most * part * part));
    }

    /** How long what was attacked is left alone afterwards. */
    private static Duration recovery(FaultKind kind) {
        return switch (kind) {
            case DATABASE_KILL, DATABASE_STOP, DATABASE_RESTART -> Duration.ofSeconds(4);
            case BROKER_KILL, BROKER_STOP, BROKER_RESTART, BROKER_REFUSES, BROKER_FULL -> Duration.ofSeconds(8);
            default -> kind.target().isLink() ? Duration.ofMillis(500) : Duration.ofSeconds(2);
        };
    }
}
