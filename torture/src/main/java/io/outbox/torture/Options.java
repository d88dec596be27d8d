package io.outbox.torture;

import io.outbox.torture.worker.BrokerKind;
import io.outbox.torture.worker.DatabaseKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a run is to be.
 *
 * @param length how long faults are injected
 * @param seed decides the plan of faults, and how each worker is set up
 * @param database which database
 * @param broker which broker
 * @param logs where the workers' logs go
 * @param beside another version of the library that is to take part, if any
 */
public record Options(
        Duration length,
        long seed,
        DatabaseKind database,
        BrokerKind broker,
        Path logs,
        @Nullable Beside beside) {
    /** The class path of the version beside this one is made by scripts/torture. */
    private static final String BESIDE_CLASS_PATH = "beside-class-path";

    private static final Set<String> NAMES =
            Set.of("minutes", "seed", "database", "broker", "logs", "beside", BESIDE_CLASS_PATH);
    private static final double MILLIS_OF_MINUTE = 60_000;

    static Options parse(List<String> arguments) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            String name = arguments.get(i);
            if (!name.startsWith("--") || !NAMES.contains(name.substring(2)) || i + 1 == arguments.size()) {
                throw new IllegalArgumentException("what is \"" + name + "\"? Options, each with a value: " + NAMES);
            }
            given.put(name.substring(2), arguments.get(i + 1));
        }
        double minutes = Double.parseDouble(given.getOrDefault("minutes", "5"));
        if (!(minutes >= 0.5 && minutes <= 10_000)) {
            throw new IllegalArgumentException("minutes must be 0.5 to 10000, was " + minutes);
        }
        long seed = Long.parseLong(given.getOrDefault("seed", "1"));
        DatabaseKind database = DatabaseKind.valueOf(
                given.getOrDefault("database", "postgresql").toUpperCase(Locale.ROOT));
        BrokerKind broker =
                BrokerKind.valueOf(given.getOrDefault("broker", "kafka").toUpperCase(Locale.ROOT));
        Path logs = Path.of(given.getOrDefault("logs", "torture-logs")).toAbsolutePath();
        Duration length = Duration.ofMillis((long) (minutes * MILLIS_OF_MINUTE));
        return new Options(
                length, seed, database, broker, logs, beside(given.get("beside"), given.get(BESIDE_CLASS_PATH)));
    }

    private static @Nullable Beside beside(@Nullable String name, @Nullable String classPath) {
        if (name != null && classPath != null) {
            return Beside.parse(name, classPath);
        }
        if (name != null || classPath != null) {
            throw new IllegalArgumentException("beside and " + BESIDE_CLASS_PATH + " go together: scripts/torture makes"
                    + " the latter from the former");
        }
        return null;
    }

    /** Names database and broker. */
    String pair() {
        return (database + " and " + broker).toLowerCase(Locale.ROOT);
    }
}
