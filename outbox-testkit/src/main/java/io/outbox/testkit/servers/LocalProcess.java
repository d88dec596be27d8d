package io.outbox.testkit.servers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A child process in a session of its own, with all its descendants. Thread-safe.
 *
 * <p>The session keeps a Ctrl-C in the terminal, or a kill of the JVM's process group, from reaching the server. Signals
 * to the whole server go to its process tree and not to its process group, because PostgreSQL puts each backend in a
 * session of its own.
 */
final class LocalProcess {

    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final Process process;

    private LocalProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a command with its output appended to a file. The command must not fork and exit: the process id of the
     * server is taken to be that of the command.
     */
    static LocalProcess start(
            List<String> command, Path directory, Path log, Consumer<Map<String, String>> environment) {
        List<String> line = new ArrayList<>(List.of("setsid")); // execs the command, as it leads no process group
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        environment.accept(builder.environment());
        try {
            return new LocalProcess(builder.start());
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + line + ": " + e.getMessage(), e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    int exitValue() {
        return process.exitValue();
    }

    /** Runs an action, on a thread of the JVM, when the process has ended. */
    void onExit(Runnable action) {
        var unused = process.onExit().thenRun(action);
    }

    /** Waits until the process itself has ended and returns true, or false after the limit. */
    boolean awaitEnd(Duration limit) {
        return Await.until(limit, () -> !process.isAlive());
    }

    /** Sends a signal to the process alone. */
    void signal(String name) {
        send(name, List.of(process.toHandle()));
    }

    /** Sends a signal that should end the whole server, and kills whatever of it is left after the limit. */
    void endTree(String signal, Duration limit) {
        List<ProcessHandle> tree = tree();
        send(signal, tree.subList(tree.size() - 1, tree.size()));
        send("CONT", tree); // a paused process takes no other signal
        if (!Await.until(limit, () -> areGone(tree))) {
            send("KILL", tree); // an orphan is no descendant any more
            killTree();
        }
    }

    /** Kills the process and its descendants and waits until none is left. */
    void killTree() {
        signal("STOP"); // what is stopped forks no more, so that the list of descendants is complete
        List<ProcessHandle> tree = tree();
        send("KILL", tree);
        if (!Await.until(END_LIMIT, () -> areGone(tree))) {
            throw new IllegalStateException("process " + pid() + " or a descendant survived SIGKILL for " + END_LIMIT);
        }
    }

    /** Stops the process and its descendants with SIGSTOP. */
    void pauseTree() {
        signal("STOP");
        send("STOP", tree());
    }

    /** Continues the process and its descendants with SIGCONT. */
    void resumeTree() {
        send("CONT", tree());
    }

    /** Lists the descendants and, last, the process itself. */
    private List<ProcessHandle> tree() {
        List<ProcessHandle> tree = new ArrayList<>(process.descendants().toList());
        tree.add(process.toHandle());
        return tree;
    }

    private static void send(String signal, List<ProcessHandle> targets) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" \"$@\"", signal));
        targets.stream()
                .filter(ProcessHandle::isAlive)
                .map(handle -> Long.toString(handle.pid()))
                .forEach(command::add);
        if (command.size() == 4) {
            return;
        }
        try {
            Process kill = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Await.until(END_LIMIT, () -> !kill.isAlive());
        } catch (IOException e) {
            throw new IllegalStateException("cannot send SIG" + signal + ": " + e.getMessage(), e);
        }
    }

    private boolean areGone(List<ProcessHandle> tree) {
        return !process.isAlive() && tree.stream().allMatch(LocalProcess::isGone);
    }

    /** A zombie counts as gone: an orphan waits for an init that may never come, as in a container without one. */
    private static boolean isGone(ProcessHandle handle) {
        if (!handle.isAlive()) {
            return true;
        }
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(handle.pid()), "stat"));
            return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            return true;
        }
    }
}
