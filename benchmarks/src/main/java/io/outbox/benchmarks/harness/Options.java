package io.outbox.benchmarks.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What the command line says: a workload and named values. Immutable. */
public final class Options {
    private static final String SOAKS = "steady";
    private static final long MOST_MINUTES = 10_000;
    private static final long SOAK_RATE = 1_000;
    /** Options of a comparison, which a soak is not. */
    private static final List<String> NOT_IN_A_SOAK =
            List.of("messages", "warmup", "runs", "relays", "against", "seconds", "statements");

    /** Every option, with what is shown as its default; a dash where that depends on the workload. */
    private static final Map<String, String> KNOWN = new LinkedHashMap<>();

    static {
        KNOWN.put("database", "postgresql");
        KNOWN.put("broker", "kafka");
        KNOWN.put("messages", "-");
        KNOWN.put("warmup", "-");
        KNOWN.put("runs", "3");
        KNOWN.put("relays", "1");
        KNOWN.put("payload", "512");
        KNOWN.put("keys", "1000");
        KNOWN.put("partitions", "8");
        KNOWN.put("against", "-");
        KNOWN.put("writers", "4");
        KNOWN.put("seconds", "-");
        KNOWN.put("rate", "200");
        KNOWN.put("minutes", "-");
        KNOWN.put("relay-jvm", "");
        KNOWN.put("statements", "no");
    }

    private final String workload;
    private final Map<String, String> given;

    private Options(String workload, Map<String, String> given) {
        this.workload = workload;
        this.given = Map.copyOf(given);
    }

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException when it is wrong; the text says how
     */
    public static Options parse(List<String> arguments) {
        if (arguments.isEmpty() || arguments.get(0).startsWith("-")) {
            throw new IllegalArgumentException("the first argument must be the workload");
        }
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String name = argument.startsWith("--") ? argument.substring(2) : "";
            int equals = name.indexOf('=');
            String value = null;
            if (equals > 0) {
                value = name.substring(equals + 1);
                name = name.substring(0, equals);
            }
            if (!KNOWN.containsKey(name)) {
                throw new IllegalArgumentException("unknown option " + argument + ", known are " + known());
            }
            if (value == null) {
                if (++i == arguments.size()) {
                    throw new IllegalArgumentException(argument + " needs a value");
                }
                value = arguments.get(i);
            }
            given.put(name, value);
        }
        Options options = new Options(arguments.get(0), given);
        options.check();
        return options;
    }

    private void check() {
        oneOf("database", Set.of("postgresql", "mariadb", "h2"));
        oneOf("broker", Set.of("kafka", "rabbit", "none"));
        oneOf("statements", Set.of("no", "yes"));
        for (String name : List.of("messages", "runs", "relays", "keys", "partitions", "writers", "seconds", "rate")) {
            atLeast(name, 1);
        }
        atLeast("warmup", 0);
        atLeast("payload", 64);
        checkSoak();
    }

    private void checkSoak() {
        if (!isSoak()) {
            return;
        }
        if (!workload.equals(SOAKS)) {
            throw new IllegalArgumentException("--minutes is for " + SOAKS + ", not for " + workload);
        }
        atLeast("minutes", 1);
        if (count("minutes", 1) > MOST_MINUTES) {
            throw new IllegalArgumentException("--minutes must be <= " + MOST_MINUTES + ", was " + text("minutes"));
        }
        for (String name : NOT_IN_A_SOAK) {
            if (given.containsKey(name)) {
                throw new IllegalArgumentException(
                        "--" + name + " has no meaning with --minutes, which compares nothing");
            }
        }
        if (!hasServer() || !text("broker").equals("kafka")) {
            throw new IllegalArgumentException("--minutes needs a database server and --broker kafka");
        }
    }

    private void oneOf(String name, Set<String> values) {
        String value = text(name);
        if (!values.contains(value)) {
            throw new IllegalArgumentException(
                    "--" + name + " must be one of " + new TreeSet<>(values) + ", was " + value);
        }
    }

    private void atLeast(String name, long least) {
        String value = text(name);
        if (!value.equals("-")) {
            try {
                if (Long.parseLong(value) < least) {
                    throw new IllegalArgumentException("--" + name + " must be >= " + least + ", was " + value);
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("--" + name + " must be a number, was " + value, e);
            }
        }
    }

    /** Returns the options and their defaults, for people. */
    public static String known() {
        StringBuilder text = new StringBuilder();
        KNOWN.forEach(
                (name, value) -> text.append(" --").append(name).append(' ').append(value));
        return text.substring(1);
    }

    /** Returns the workload's name. */
    public String workload() {
        return workload;
    }

    /** Returns a value as text. */
    public String text(String name) {
        String value = given.getOrDefault(name, KNOWN.get(name));
        if (value == null) {
            throw new IllegalArgumentException("there is no option --" + name);
        }
        return value;
    }

    /** Returns a number. */
    public int count(String name) {
        return Integer.parseInt(text(name));
    }

    /** Returns a number whose default depends on the workload. */
    public long count(String name, long byDefault) {
        return given.containsKey(name) ? Long.parseLong(text(name)) : byDefault;
    }

    /** Returns how long something is to last. */
    public Duration seconds(long byDefault) {
        return Duration.ofSeconds(count("seconds", byDefault));
    }

    /** Returns what this library is measured against. */
    public List<String> against(String byDefault) {
        List<String> names = new ArrayList<>();
        for (String name : given.getOrDefault("against", byDefault).split(",")) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return names;
    }

    /** Returns whether this is to go on for a long time, to see what grows. */
    public boolean isSoak() {
        return given.containsKey("minutes");
    }

    /** Returns how long a soak lasts. */
    public Duration soakTime() {
        return Duration.ofMinutes(count("minutes", 1));
    }

    /** Returns how many transactions a second a soak writes. */
    public long soakRate() {
        return count("rate", SOAK_RATE);
    }

    /** Returns whether the database is a server of its own. */
    public boolean hasServer() {
        return !text("database").equals("h2");
    }

    /** Returns the folder of the build where the class paths of the peers are. */
    public static Optional<Path> peers() {
        return Optional.ofNullable(System.getProperty("outbox.bench.peers")).map(Path::of);
    }

    /** Returns all values, for the report. */
    public Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>(KNOWN);
        if (isSoak()) {
            all.put("rate", Long.toString(SOAK_RATE));
            NOT_IN_A_SOAK.forEach(all::remove);
        }
        all.putAll(given);
        all.values().removeIf(value -> value.equals("-") || value.isEmpty());
        return all;
    }
}
