package io.outbox.testkit.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that runs as private processes of this machine, with ports, data and log of its own.
 *
 * <p>Three nets keep processes from staying behind: {@link #close()}, a shutdown hook that closes what is open, and a
 * {@link Watchdog} for the case that the JVM is killed.
 *
 * <p>Thread-safe: {@code lock} guards the fields that are not volatile and every change of state.
 */
abstract class LocalServer implements ServerControl {

    private static final Logger log = LoggerFactory.getLogger(LocalServer.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(20);
    private static final int ATTEMPTS = 3;
    private static final Set<LocalServer> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> OPEN.forEach(LocalServer::closeQuietly), "outbox-server-shutdown"));
    }

    private final String product;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Integer> ports = new ArrayList<>();
    private @Nullable Path home;
    private @Nullable Watchdog watchdog;
    private boolean established;
    private volatile List<LocalProcess> processes = List.of();
    private volatile boolean closed;

    LocalServer(String product) {
        this.product = product;
    }

    /**
     * Creates configuration and data in the empty home directory. Called again, with new ports and a new home, if
     * another process was quicker to take a port.
     */
    abstract void layOut() throws IOException;

    /** Starts the processes in {@link #home()} through {@link #launch}; the last one launched is the server itself. */
    abstract void launchAll();

    /** Asks the server for an answer; returns null if it gives one, otherwise what is wrong. */
    abstract @Nullable String probe();

    /** Names the signal that makes the server stop in order. */
    String stopSignal() {
        return "TERM";
    }

    /** Names the signal that ends the server at once; its data are not needed any more. */
    String discardSignal() {
        return "KILL";
    }

    /** Adapts the environment that the processes inherit. */
    void environment(Map<String, String> environment) {}

    @Override
    public final String name() {
        return product + " (local process)";
    }

    @Override
    public final boolean isRunning() {
        List<LocalProcess> current = processes;
        return !current.isEmpty() && current.get(current.size() - 1).isAlive();
    }

    @Override
    public final void start() {
        locked(() -> {
            if (closed) {
                throw new IllegalStateException(name() + " was closed and its data removed; ask for a new one");
            }
            if (isRunning()) {
                return;
            }
            if (established) {
                startOnce();
            } else {
                establish();
            }
        });
    }

    @Override
    public final void stop() {
        locked(() -> end(stopSignal(), STOP_LIMIT));
    }

    @Override
    public final void kill() {
        locked(() -> {
            processes.forEach(LocalProcess::killTree);
            forget();
        });
    }

    @Override
    public final void pause() {
        locked(() -> running().forEach(LocalProcess::pauseTree));
    }

    @Override
    public final void resume() {
        locked(() -> running().forEach(LocalProcess::resumeTree));
    }

    @Override
    public final void close() {
        closed = true; // seen by a start under way, which then gives up and frees the lock
        locked(() -> {
            discard();
            OPEN.remove(this);
        });
    }

    @Override
    public String run(List<String> command) {
        throw new UnsupportedOperationException(name() + " has no administration command");
    }

    final Path home() {
        if (home == null) {
            throw new IllegalStateException(name() + " was not started");
        }
        return home;
    }

    final Path logFile() {
        return home().resolve("server.log");
    }

    /** Picks a port for {@link #layOut()}. */
    final int newPort() {
        int port = FreePort.pick();
        ports.add(port);
        return port;
    }

    final LocalProcess launch(List<String> command) {
        LocalProcess process = LocalProcess.start(command, home(), logFile(), this::environment);
        List<LocalProcess> all = new ArrayList<>(processes);
        all.add(process);
        processes = List.copyOf(all);
        Watchdog guardian = watchdog;
        if (guardian != null) {
            guardian.guard(all);
            process.onExit(() -> guardian.guard(processes)); // its process id may soon be someone else's
        }
        return process;
    }

    /** Runs a tool of the server to its end, with its output in the log. */
    final void runTool(List<String> command, Duration limit) {
        LocalProcess tool = LocalProcess.start(command, home(), logFile(), this::environment);
        if (!tool.awaitEnd(limit)) {
            tool.killTree();
            throw failure(command.get(0) + " did not end within " + limit);
        }
        if (tool.exitValue() != 0) {
            throw failure(command.get(0) + " ended with exit code " + tool.exitValue());
        }
    }

    final IllegalStateException failure(String what) {
        return new IllegalStateException("cannot start " + name() + ": " + what + ". End of " + logFile() + ":\n"
                + new ServerLog(logFile()).tail());
    }

    private void establish() {
        OPEN.add(this);
        for (int attempt = 1; ; attempt++) {
            try {
                makeHome();
                layOut();
                startOnce();
                established = true;
                return;
            } catch (IOException e) {
                discard();
                throw new UncheckedIOException("cannot lay out " + name(), e);
            } catch (IllegalStateException e) {
                discard();
                boolean lostRace = !ports.stream().allMatch(FreePort::isFree); // ours are free again by now
                if (!lostRace || attempt == ATTEMPTS || closed) {
                    OPEN.remove(this);
                    throw e;
                }
                log.info("{}: another process took one of the ports {}, trying others", name(), ports);
            }
        }
    }

    private void makeHome() throws IOException {
        ports.clear();
        Path created = Files.createTempDirectory("outbox-" + product.toLowerCase(Locale.ROOT) + "-")
                .toRealPath();
        // the server may run as another user, who must be able to reach its own directory in here
        Files.setPosixFilePermissions(created, PosixFilePermissions.fromString("rwx--x--x"));
        home = created;
        watchdog = Watchdog.start(discardSignal(), created);
    }

    private void startOnce() {
        long began = System.nanoTime();
        try {
            launchAll();
            String problem = awaitAnswer(began);
            if (problem != null) {
                throw failure(problem);
            }
        } catch (IllegalStateException e) {
            processes.forEach(LocalProcess::killTree);
            forget();
            throw e;
        }
        log.info("{} answers after {} ms, log in {}", name(), (System.nanoTime() - began) / 1_000_000, logFile());
    }

    private @Nullable String awaitAnswer(long began) {
        String last = "it was not asked";
        while (System.nanoTime() - began < START_LIMIT.toNanos()) {
            if (closed) {
                return "it was closed meanwhile";
            }
            if (Thread.currentThread().isInterrupted()) {
                return "the waiting thread was interrupted";
            }
            if (!isRunning()) {
                return "its process ended";
            }
            String problem = probe();
            if (problem == null) {
                return null;
            }
            last = problem;
            LockSupport.parkNanos(PROBE_INTERVAL.toNanos());
        }
        return "no answer within " + START_LIMIT + ", last: " + last;
    }

    private List<LocalProcess> running() {
        if (!isRunning()) {
            throw new IllegalStateException(name() + " does not run");
        }
        return processes;
    }

    /** Ends the processes, the server itself first. */
    private void end(String signal, Duration limit) {
        for (int i = processes.size() - 1; i >= 0; i--) {
            if (signal.equals("KILL")) {
                processes.get(i).killTree();
            } else {
                processes.get(i).endTree(signal, limit);
            }
        }
        forget();
    }

    private void forget() {
        processes = List.of();
    }

    private void discard() {
        end(discardSignal(), Duration.ofSeconds(10));
        if (watchdog != null) {
            watchdog.close();
            watchdog = null;
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (RuntimeException e) {
            log.warn("cannot close {}", name(), e);
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }
}
