package io.outbox.jdbc;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Files for SQLite databases, in one directory that is deleted when the JVM ends. */
final class SqliteFiles {
    private static final Path DIRECTORY = makeDirectory();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private SqliteFiles() {}

    /** The path of a file that is not there yet. */
    static Path fresh() {
        return DIRECTORY.resolve(COUNT.incrementAndGet() + ".db");
    }

    private static Path makeDirectory() {
        try {
            Path directory = Files.createTempDirectory("outbox-sqlite");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory.toFile())));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(File directory) {
        File[] files = directory.listFiles();
        if (files != null) {
            for (File file : files) {
                file.delete();
            }
        }
        directory.delete();
    }
}
