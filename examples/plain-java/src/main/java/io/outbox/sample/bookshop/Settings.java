package io.outbox.sample.bookshop;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param isHelp whether only to explain the options
 * @param isService whether to run until the process is ended, instead of the demonstration
 * @param postgresql a JDBC URL; null to start a PostgreSQL
 * @param user the database user; null when the URL says it
 * @param password the password; null when the URL says it
 * @param rabbitmq an AMQP URI; null to start a RabbitMQ
 * @param orders how many orders the demonstration places
 */
record Settings(
        boolean isHelp,
        boolean isService,
        @Nullable String postgresql,
        @Nullable String user,
        @Nullable String password,
        @Nullable String rabbitmq,
        int orders) {
    static final String USAGE = """
            usage: scripts/sample plain-java [serve] [options]
              serve              run relay and consumers until the process is ended; by default a demonstration runs
              --postgresql URL   a JDBC URL, with --user USER and --password PASSWORD where it has none
              --rabbitmq URI     for example amqp://guest:guest@localhost:5672
              --orders N         how many orders the demonstration places (default: 300)
              --help             this text
            Servers that are not given are started for the run and thrown away.
            """;

    /** Parses; throws {@link IllegalArgumentException} with what is wrong. */
    static Settings parse(String... arguments) {
        Deque<String> left = new ArrayDeque<>(List.of(arguments));
        Settings settings = new Settings(false, false, null, null, null, null, 300);
        while (!left.isEmpty()) {
            settings = settings.with(left.pop(), left);
        }
        return settings;
    }

    private Settings with(String name, Deque<String> left) {
        return switch (name) {
            case "--help", "-h" -> new Settings(true, isService, postgresql, user, password, rabbitmq, orders);
            case "serve" -> new Settings(isHelp, true, postgresql, user, password, rabbitmq, orders);
            case "--postgresql" -> new Settings(isHelp, isService, value(name, left), user, password, rabbitmq, orders);
            case "--user" -> new Settings(isHelp, isService, postgresql, value(name, left), password, rabbitmq, orders);
            case "--password" -> new Settings(isHelp, isService, postgresql, user, value(name, left), rabbitmq, orders);
            case "--rabbitmq" -> new Settings(isHelp, isService, postgresql, user, password, value(name, left), orders);
            case "--orders" ->
                new Settings(
                        isHelp, isService, postgresql, user, password, rabbitmq, Integer.parseInt(value(name, left)));
            default -> throw new IllegalArgumentException("unknown option " + name);
        };
    }

    private static String value(String name, Deque<String> left) {
        if (left.isEmpty()) {
            throw new IllegalArgumentException(name + " needs a value");
        }
        return left.pop();
    }
}
