package io.outbox.torture;

import io.outbox.torture.faults.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/** Writes down which fault began and ended when, beside the logs of those who met it. Thread-safe. */
final class FaultLog {
    private final Path file;

    FaultLog(Path logs) {
        file = logs.resolve("faults.log");
    }

    synchronized void write(Fault fault, String what) {
        String line = Instant.now() + " " + fault.kind().label() + " " + fault.index() + " " + what + " ("
                + fault.lasting().toMillis() + " ms)\n";
        try {
            Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
