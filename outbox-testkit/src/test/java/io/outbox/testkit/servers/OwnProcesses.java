package io.outbox.testkit.servers;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The processes that this JVM, or a child of it, has started since this object was made, watchdogs left out. */
final class OwnProcesses {

    private final Set<ProcessHandle> earlier = new HashSet<>(descendants());

    /** Returns those that run now. */
    List<ProcessHandle> running() {
        return descendants().stream()
                .filter(handle -> !earlier.contains(handle))
                .toList();
    }

    private static List<ProcessHandle> descendants() {
        return ProcessHandle.current()
                .descendants()
                .filter(handle -> !handle.info().commandLine().orElse("").contains("outbox-watchdog"))
                .toList();
    }
}
