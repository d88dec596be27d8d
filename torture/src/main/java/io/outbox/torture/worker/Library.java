package io.outbox.torture.worker;

import io.outbox.Outbox;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.rabbit.RabbitPublisher;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells where a JVM has the library from: a worker may run with another version than the driver. */
public final class Library {
    private static final String PREFIX = "library ";

    private Library() {}

    /** Returns the jars or folders of its modules, as real paths. */
    public static List<Path> locations() {
        List<Path> locations = new ArrayList<>();
        for (Class<?> type :
                List.of(Outbox.class, JdbcOutboxStore.class, KafkaPublisher.class, RabbitPublisher.class)) {
            try {
                locations.add(Path.of(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toRealPath());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read where " + type + " is from", e);
            } catch (URISyntaxException e) {
                throw new IllegalStateException("where " + type + " is from is no URI", e);
            }
        }
        return locations;
    }

    /** Returns the line that a worker prints at its start. */
    static String line() {
        return PREFIX + locations().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** Returns the locations that a line tells of; none when it is another line. */
    public static List<Path> told(String line) {
        return line.startsWith(PREFIX)
                ? Stream.of(line.substring(PREFIX.length()).split(File.pathSeparator))
                        .map(Path::of)
                        .toList()
                : List.of();
    }
}
