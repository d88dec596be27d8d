package io.outbox.quickstart;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param orders a file of orders, {@code -} for standard input; null for the one that ships with the program
 * @param postgresql a JDBC URL; null for H2 in memory
 * @param user the database user; null when the URL says it
 * @param password the password; null when the URL says it
 * @param kafka bootstrap servers; null for the in-process broker
 * @param real whether to start a real PostgreSQL and a real Kafka
 * @param chaos whether to make trouble
 * @param help whether only to explain the options
 */
record Options(
        @Nullable String orders,
        @Nullable String postgresql,
        @Nullable String user,
        @Nullable String password,
        @Nullable String kafka,
        boolean real,
        boolean chaos,
        boolean help) {

    static final String USAGE = """
            usage: scripts/quickstart [options]
              --orders FILE      orders as JSON Lines; - reads standard input (default: 10,000 that ship with it)
              --postgresql URL   a JDBC URL, with --user USER and --password PASSWORD where the URL has none
                                 (default: H2 in memory); the run makes a schema quickstart_... and drops it
              --kafka BOOTSTRAP  host:port of Kafka (default: a broker in this process); the run makes a topic
                                 quickstart_... and deletes it
              --real             start a real PostgreSQL and a real Kafka for the run
              --chaos            stop, replace and kill relays, roll back and redeliver at random while it runs
              --help             this text
            Ends with 0 when the books balance, 1 when not or when it failed, 2 when it was called wrongly.
            """;

    private static final Options NONE = new Options(null, null, null, null, null, false, false, false);

    /** Parses; throws {@link IllegalArgumentException} with what is wrong. */
    static Options parse(String... arguments) {
        Deque<String> left = new ArrayDeque<>(List.of(arguments));
        Options options = NONE;
        while (!left.isEmpty()) {
            String name = left.pop();
            options = switch (name) {
                case "--orders" -> options.withOrders(value(name, left));
                case "--postgresql" -> options.withDatabase(value(name, left), options.user, options.password);
                case "--user" -> options.withDatabase(options.postgresql, value(name, left), options.password);
                case "--password" -> options.withDatabase(options.postgresql, options.user, value(name, left));
                case "--kafka" -> options.withKafka(value(name, left));
                case "--real" -> options.with(true, options.chaos, options.help);
                case "--chaos" -> options.with(options.real, true, options.help);
                case "--help", "-h" -> options.with(options.real, options.chaos, true);
                default -> throw new IllegalArgumentException("unknown option " + name);
            };
        }
        return options.help ? options : options.checked();
    }

    private static String value(String name, Deque<String> left) {
        if (left.isEmpty() || left.element().startsWith("--")) {
            throw new IllegalArgumentException(name + " needs a value");
        }
        return left.pop();
    }

    private Options checked() {
        if (real && (postgresql != null || kafka != null)) {
            throw new IllegalArgumentException("--real starts its own servers: leave out --postgresql and --kafka");
        }
        if (postgresql == null && (user != null || password != null)) {
            throw new IllegalArgumentException("--user and --password go with --postgresql");
        }
        if (postgresql != null && !postgresql.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("--postgresql needs a URL like jdbc:postgresql://host:5432/database");
        }
        return this;
    }

    private Options withOrders(String file) {
        return new Options(file, postgresql, user, password, kafka, real, chaos, help);
    }

    Options withDatabase(@Nullable String url, @Nullable String name, @Nullable String secret) {
        return new Options(orders, url, name, secret, kafka, real, chaos, help);
    }

    Options withKafka(String bootstrap) {
        return new Options(orders, postgresql, user, password, bootstrap, real, chaos, help);
    }

    private Options with(boolean onRealServers, boolean withChaos, boolean onlyHelp) {
        return new Options(orders, postgresql, user, password, kafka, onRealServers, withChaos, onlyHelp);
    }
}
