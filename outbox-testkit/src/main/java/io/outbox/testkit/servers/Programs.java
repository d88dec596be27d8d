package io.outbox.testkit.servers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds programs that the distribution installs, also where an ordinary user's path does not lead. */
final class Programs {
    private Programs() {}

    static Optional<String> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(
                        Stream.of("/usr/lib/rabbitmq/bin", "/usr/sbin", "/usr/bin"), Arrays.stream(path.split(":")))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    static String require(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException(name + " is not installed"));
    }
}
