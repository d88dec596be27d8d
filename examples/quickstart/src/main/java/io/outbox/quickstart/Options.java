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
 */
record Options(
        @Nullable String orders,
        @Nullable String postgresql,
        @Nullable String user,
        @Nullable String password,
        @Nullable String kafka,
        boolean real,
        boolean chaos) {

    static final String USAGE =
            """
            usage: scripts/quickstart [options]
              --orders FILE      orders as JSON Lines; - reads standard input (default: 10,000 orders that ship with it)
              --postgresql URL   a JDBC URL, with --user and --password where needed (default: H2 in memory)
              --kafka BOOTSTRAP  host:port of Kafka (default: an in-process broker)
              --real             start a real PostgreSQL and a real Kafka for the run
              --chaos            stop and start relays, roll back and redeliver at random while it runs
              --help             this text
            """;

    /** Parses; throws {@link IllegalArgumentException} with what is wrong. */
    static Options parse(String... arguments) {
        Deque<String> left = new ArrayDeque<>(List.of(arguments));
        Options options = new Options(null, null, null, null, null, false, false);
        while (!left.isEmpty()) {
            String name = left.pop();
            options = switch (name) {
                case "--orders" -> options.withOrders(value(name, left));
                case "--postgresql" -> options.withDatabase(value(name, left), options.user, options.password);
                case "--user" -> options.withDatabase(options.postgresql, value(name, left), options.password);
                case "--password" -> options.withDatabase(options.postgresql, options.user, value(name, left));
                case "--kafka" -> options.withKafka(value(name, left));
                case "--real" -> options.with(true, options.chaos);
                case "--chaos" -> options.with(options.real, true);
                default -> throw new IllegalArgumentException("unknown option " + name);
            };
        }
        if (options.real && (options.postgresql != null || options.kafka != null)) {
            throw new IllegalArgumentException("--real starts its own servers: leave out --postgresql and --kafka");
        }
        return options;
    }

    private static String value(String name, Deque<String> left) {
        if (left.isEmpty()) {
            throw new IllegalArgumentException(name + " needs a value");
        }
        return left.pop();
    }

    private Options withOrders(String file) {
        return new Options(file, postgresql, user, password, kafka, real, chaos);
    }

    private Options withDatabase(@Nullable String url, @Nullable String name, @Nullable String secret) {
        return new Options(orders, url, name, secret, kafka, real, chaos);
    }

    private Options withKafka(String bootstrap) {
        return new Options(orders, postgresql, user, password, bootstrap, real, chaos);
    }

    private Options with(boolean onRealServers, boolean withChaos) {
        return new Options(orders, postgresql, user, password, kafka, onRealServers, withChaos);
    }
}
