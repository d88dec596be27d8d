package io.outbox.testkit.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A small JVM of a test's own, on the test's class path, for what is to be killed or to die. */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Returns how to start one.
     *
     * @param main the class whose {@code main} it runs
     * @param arguments what it is given
     * @return a builder, with the output still to be redirected
     */
    public static ProcessBuilder of(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /**
     * Waits up to a minute for the end of a process that is to die by itself.
     *
     * @param process the process; killed when it does not end
     * @return its exit code
     * @throws InterruptedException when the waiting is interrupted
     * @throws IllegalStateException when it does not end
     */
    public static int awaitEnd(Process process) throws InterruptedException {
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("the process does not end by itself");
        }
        return process.exitValue();
    }
}
