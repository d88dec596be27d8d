package io.outbox.sample.bookshop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The bookshop in a JVM of its own. */
record ServiceProcess(Process process, Path log) implements AutoCloseable {
    /** Starts one; what it prints goes to a file of that name. */
    static ServiceProcess start(String name, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                PlainJava.class.getName(),
                "serve"));
        command.addAll(List.of(options));
        Path log = Path.of("target", name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new ServiceProcess(process, log);
    }

    /** Whether relay and consumers run. */
    boolean isOpen() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("the bookshop has ended, see " + log);
        }
        return Files.readString(log).contains("the bookshop is open");
    }

    /** SIGKILL: nothing is finished, given back or closed. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " survived SIGKILL");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
