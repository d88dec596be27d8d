package io.outbox.simulation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that happened in a run, in order: what the checker judges by, and what two runs of a seed are compared by. */
final class History {
    /** What happened. */
    enum What {
        /** A writer's transaction committed this message. */
        COMMITTED,
        /** A writer's transaction with this message was rolled back. */
        ROLLED_BACK,
        /** A relay started; the number is how many messages it may have in flight. */
        RELAY_STARTED,
        /** A relay handed a message to its publisher. */
        HANDED_OVER,
        /** The publisher told the relay the outcome. */
        ANSWERED,
        /** The broker has the message. */
        ARRIVED,
        /** The broker refused the message for good. */
        REFUSED,
        /** At the end of the run the message is a dead letter. */
        DEAD_LETTER,
        /** An operator discarded the dead letter. */
        DISCARDED,
        /** A consumer group's transaction with the effect of this message committed. */
        EFFECT,
        /** A consumer was told that it had handled the message before. */
        SKIPPED,
        /** The database's wall clock was set; the number is by how many nanoseconds. */
        CLOCK_SET,
        /** From now on nothing fails but one destination. */
        CALM,
        /** The calm is over: nobody writes any more and all destinations are well. */
        HEALED,
        /** All was done. */
        DONE,
        /** A relay called its store; recorded only when asked for. */
        CALL,
        /** Some misfortune, told for the reader. */
        TROUBLE
    }

    /** A message as it was written. */
    record Written(
            String id,
            @Nullable String key,
            String destination,
            boolean isPoison,
            @Nullable Instant due) {}

    /** One entry. */
    record Event(long nanos, What what, String who, String message, long number) {
        @Override
        public String toString() {
            return String.format(
                    "%,15d us %-13s %-12s %s%s", nanos / 1000, what, who, message, number == 0 ? "" : " " + number);
        }
    }

    private final World world;
    private final Map<String, Written> written = new LinkedHashMap<>();
    private final List<Event> events = new ArrayList<>();

    private boolean hasCalls;

    History(World world) {
        this.world = world;
    }

    /** Records calls of stores from now on. */
    void withCalls() {
        hasCalls = true;
    }

    boolean hasCalls() {
        return hasCalls;
    }

    void written(Written message) {
        written.put(message.id(), message);
    }

    @Nullable
    Written message(String id) {
        return written.get(id);
    }

    void add(What what, String who, String message) {
        add(what, who, message, 0);
    }

    void add(What what, String who, String message, long number) {
        events.add(new Event(world.nanos(), what, who, message, number));
    }

    void trouble(String who, String text) {
        add(What.TROUBLE, who, text);
    }

    List<Event> events() {
        return events;
    }
}
