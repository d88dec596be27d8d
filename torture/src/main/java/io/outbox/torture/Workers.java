package io.outbox.torture;

import io.outbox.torture.faults.Fault;
import io.outbox.torture.faults.Target;
import io.outbox.torture.worker.Library;
import io.outbox.torture.worker.WorkerSettings;
import io.outbox.torture.worker.WorkerSettings.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** All workers, each in its place, and what is done to them. Thread-safe as long as each place has one thread at a time. */
final class Workers {
    private final WorkerSettings settings;
    private final Path logs;
    private final Path classPath;
    private final @Nullable Path otherClassPath;
    private final Map<String, WorkerProcess> processes = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> starts = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();

    /**
     * Starts none.
     *
     * @param beside what some of them are to run with, if anything
     */
    Workers(WorkerSettings settings, Path logs, @Nullable Beside beside) {
        this.settings = settings;
        this.logs = logs;
        ClassPath own = ClassPath.own();
        classPath = own.write(logs.resolve("class-path"));
        otherClassPath = beside == null
                ? null
                : own.with(Library.locations(), beside.classPath()).write(logs.resolve("class-path-beside"));
    }

    void startAll() {
        for (Target target : List.of(Target.CONSUMER, Target.RELAY, Target.WRITER)) {
            for (int i = 0; i < target.count(); i++) {
                start(target, i);
            }
        }
    }

    /** Does to one what the fault says, and undoes it. */
    void attack(Fault fault) throws InterruptedException {
        Target target = fault.kind().target();
        WorkerProcess process = running(target, fault.index());
        switch (fault.kind()) {
            case RELAY_STOP, WRITER_STOP, CONSUMER_STOP -> process.pause(fault.lasting());
            case RELAY_KILL, WRITER_KILL, CONSUMER_KILL -> {
                process.kill();
                Thread.sleep(fault.lasting().toMillis());
                start(target, fault.index());
            }
            default -> {
                end(process);
                Thread.sleep(fault.lasting().toMillis());
                start(target, fault.index());
            }
        }
    }

    /** Ends all of a kind in order. */
    void endAll(Target target) throws InterruptedException {
        for (int i = 0; i < target.count(); i++) {
            end(running(target, i));
        }
    }

    void killAll() throws InterruptedException {
        for (WorkerProcess process : processes.values()) {
            process.kill();
        }
    }

    int restarts(Target target) {
        int all = 0;
        for (int i = 0; i < target.count(); i++) {
            all += starts(target.place(i)).get() - 1;
        }
        return all;
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    private void end(WorkerProcess process) throws InterruptedException {
        String problem = process.end();
        if (!problem.isEmpty()) {
            problems.add(problem);
        }
    }

    /** Returns the process of a place; one that has ended by itself is a problem, and replaced. */
    private WorkerProcess running(Target target, int index) {
        WorkerProcess process = processes.get(target.place(index));
        if (process != null && process.isAlive()) {
            return process;
        }
        problems.add(target.place(index) + " has ended by itself");
        return start(target, index);
    }

    private WorkerProcess start(Target target, int index) {
        String place = target.place(index);
        int incarnation = starts(place).getAndIncrement();
        Random random = new Random(settings.seed() * 31 + place.hashCode() + 1_000L * incarnation);
        WorkerSettings own = settings.with(Role.valueOf(target.name()), index, random.nextLong());
        boolean isOther = incarnation == 0 ? isOtherAtFirst(target, index) : random.nextBoolean();
        Path path = isOther && otherClassPath != null ? otherClassPath : classPath;
        WorkerProcess process = WorkerProcess.start(place, own, path, logs);
        processes.put(place, process);
        return process;
    }

    /** Every second one of a kind: so both versions take part in each, also in a short run. */
    private boolean isOtherAtFirst(Target target, int index) {
        long first = new Random(settings.seed() * 31 + target.name().hashCode()).nextLong();
        return (first + index) % 2 == 0;
    }

    private AtomicInteger starts(String place) {
        return starts.computeIfAbsent(place, unused -> new AtomicInteger());
    }
}
