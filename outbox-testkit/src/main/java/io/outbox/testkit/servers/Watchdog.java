package io.outbox.testkit.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A small shell that outlives the JVM by moments: when its standard input closes, which the operating system does even
 * if the JVM is killed with SIGKILL, it ends the server's processes and removes its directory. Thread-safe.
 */
final class Watchdog implements AutoCloseable {

    /*
     * Each line read replaces the list of process ids; an empty line clears it. At the end of input: the given signal,
     * up to 6 s for the processes to go (PostgreSQL ends its own backends), then SIGKILL for each process group.
     */
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            pids=
            while read -r line; do pids=$line; done
            for pid in $pids; do
              kill -s "$1" "$pid"
              kill -s CONT "$pid"
            done
            turns=60
            for pid in $pids; do
              while [ $turns -gt 0 ] && kill -s 0 "$pid"; do sleep 0.1; turns=$((turns - 1)); done
              kill -s KILL -- "-$pid"
            done
            rm -rf -- "$2"
            """;

    private final Process shell;
    private final OutputStream input;

    private Watchdog(Process shell) {
        this.shell = shell;
        this.input = shell.getOutputStream();
    }

    /** Starts a watchdog that will send this signal and remove this directory. */
    static Watchdog start(String signal, Path directory) {
        try {
            return new Watchdog(
                    new ProcessBuilder("setsid", "sh", "-c", SCRIPT, "outbox-watchdog", signal, directory.toString())
                            .directory(new java.io.File("/"))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start());
        } catch (IOException e) {
            throw new IllegalStateException("cannot run setsid and sh: " + e.getMessage(), e);
        }
    }

    /** Replaces the list of processes to end; an empty list means none. */
    void guard(List<LocalProcess> processes) {
        tell(processes.stream()
                .filter(LocalProcess::isAlive)
                .map(process -> Long.toString(process.pid()))
                .collect(Collectors.joining(" ", "", "\n")));
    }

    /** Ends the watchdog, which removes the directory. Ends no process. */
    @Override
    public void close() {
        tell("\n");
        try {
            input.close();
        } catch (IOException e) {
            shell.destroy();
        }
        Await.until(java.time.Duration.ofSeconds(10), () -> !shell.isAlive());
    }

    private synchronized void tell(String line) {
        try {
            input.write(line.getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } catch (IOException e) {
            // the shell was killed by someone; the shutdown hook of the JVM still ends the server
        }
    }
}
