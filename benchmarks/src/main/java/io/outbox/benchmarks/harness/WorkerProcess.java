package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.worker.WireLine;
import io.outbox.benchmarks.worker.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM with one contender in it. All get the same heap. Confined to one thread. */
public final class WorkerProcess implements AutoCloseable {
    private static final long END_SECONDS = 10;

    private final String name;
    private final Process process;
    private final Path argumentFile;
    private final Writer commands;
    private final BufferedReader answers;

    private WorkerProcess(String name, Process process, Path argumentFile) {
        this.name = name;
        this.process = process;
        this.argumentFile = argumentFile;
        commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static WorkerProcess start(String name, String jvmArguments, Map<String, String> settings) {
        Contenders.Entry entry = Contenders.entry(name);
        try {
            Path file = Files.createTempFile("outbox-bench", ".args");
            Files.writeString(file, "-cp \"" + entry.classPath().replace("\\", "\\\\") + "\"\n");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms256m", "-Xmx512m"));
            if (name.equals(Contenders.OURS) && !jvmArguments.isBlank()) {
                command.addAll(Arrays.asList(jvmArguments.strip().split(" +")));
            }
            command.addAll(List.of("@" + file, Worker.class.getName(), entry.className()));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            WorkerProcess worker = new WorkerProcess(name, process, file);
            worker.call("open", settings);
            return worker;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start a worker for " + name, e);
        }
    }

    long pid() {
        return process.pid();
    }

    WireLine call(String command) {
        return call(command, Map.of());
    }

    /** Sends a command and waits for its answer. */
    WireLine call(String command, Map<String, String> values) {
        try {
            commands.write(new WireLine(command, values).text() + "\n");
            commands.flush();
            WireLine answer = WireLine.parse(answer(command));
            if (!answer.word().equals("ok")) {
                throw new IllegalStateException(name + " failed to " + command + ": " + answer.text("cause"));
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " is gone, before or during " + command, e);
        }
    }

    /** Skips what the JVM itself prints, such as the words of its profiler. */
    private String answer(String command) throws IOException {
        String line = answers.readLine();
        while (line != null && !line.startsWith("ok") && !line.startsWith("failed ")) {
            System.err.println(name + ": " + line);
            line = answers.readLine();
        }
        if (line == null) {
            throw new IllegalStateException(name + " ended during " + command);
        }
        return line;
    }

    /** Ends the process: in order if it can, and at once if not. */
    @Override
    public void close() {
        try {
            commands.close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(argumentFile);
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
