package io.outbox.torture;

import io.outbox.torture.worker.Worker;
import io.outbox.torture.worker.WorkerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One worker in a JVM of its own, its output in a file. Confined to one thread. */
final class WorkerProcess {
    private static final int ENDED_BY_SIGTERM = 128 + 15;
    private static final Duration END_LIMIT = Duration.ofSeconds(60);

    private final String name;
    private final Process process;

    private WorkerProcess(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    /** Starts one with the class path that a file tells; repeated names go on in the same log. */
    static WorkerProcess start(String name, WorkerSettings settings, Path classPath, Path logs) {
        try {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "@" + classPath,
                    Worker.class.getName()));
            command.addAll(settings.arguments());
            ProcessBuilder.Redirect log =
                    ProcessBuilder.Redirect.appendTo(logs.resolve(name + ".log").toFile());
            return new WorkerProcess(
                    name,
                    new ProcessBuilder(command)
                            .redirectOutput(log)
                            .redirectErrorStream(true)
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Stops it with SIGSTOP for a time. A shell lets it go on, even if this JVM is gone meanwhile. */
    void pause(Duration time) throws InterruptedException {
        String seconds = time.toSeconds() + "." + String.format(Locale.ROOT, "%03d", time.toMillisPart());
        String script = "kill -s STOP " + process.pid() + "; sleep " + seconds + "; kill -s CONT " + process.pid();
        try {
            new ProcessBuilder("sh", "-c", script)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot stop " + name, e);
        }
    }

    /** Ends it in order; returns what went wrong, or nothing. */
    String end() throws InterruptedException {
        process.toHandle().destroy(); // the process itself would close the pipe too, which tells it to drop dead
        if (!process.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            kill();
            return name + " did not end within " + END_LIMIT.toSeconds() + " s and was killed";
        }
        return process.exitValue() == ENDED_BY_SIGTERM ? "" : name + " ended with code " + process.exitValue();
    }

    @Override
    public String toString() {
        return name;
    }
}
