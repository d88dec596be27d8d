package io.outbox.torture;

import io.outbox.torture.faults.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The two versions of a run, and who has run with which.
 *
 * @param name what the other version is called
 * @param starts of each kind of worker
 * @param misfits what says that workers and library do not fit each other
 */
public record Mixture(String name, Map<Target, Starts> starts, List<String> misfits) {

    /** Copies. */
    public Mixture {
        starts = Map.copyOf(starts);
        misfits = List.copyOf(misfits);
    }

    static Mixture of(Beside beside, WorkerLogs logs) {
        Map<Target, Starts> starts = new TreeMap<>();
        List<String> misfits = new ArrayList<>();
        for (Target target : Target.workers()) {
            starts.put(target, logs.starts(target, beside));
            misfits.addAll(logs.misfits(target));
        }
        return new Mixture(beside.name(), starts, misfits);
    }

    /** Returns what shows that this was no run of two versions, each as a whole and in each kind of worker. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        new TreeMap<>(starts).forEach((target, count) -> {
            if (!count.isOfBoth()) {
                problems.add("not each version has run as a " + label(target) + ", or not as a whole: " + count);
            }
        });
        misfits.stream()
                .limit(1)
                .forEach(line -> problems.add("workers do not fit the library of " + name + ", or it does not fit the"
                        + " libraries that it uses, as " + misfits.size() + " lines of the logs say, such as: "
                        + line));
        return problems;
    }

    /** Returns it for people. */
    String text() {
        List<String> parts = new ArrayList<>();
        new TreeMap<>(starts)
                .forEach((target, count) -> parts.add(label(target) + "s " + count.ofOther() + " of " + count.all()));
        return name + ", starts with it: " + String.join(", ", parts);
    }

    private static String label(Target target) {
        return target.name().toLowerCase(Locale.ROOT);
    }
}
