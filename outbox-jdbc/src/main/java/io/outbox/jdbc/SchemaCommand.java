package io.outbox.jdbc;

import io.outbox.OutboxException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The command line of {@link OutboxSchema}. */
final class SchemaCommand {
    private static final int OK = 0;
    private static final int REFUSED = 1;
    private static final int WRONG_ARGUMENTS = 2;
    private static final Set<String> OPTIONS =
            Set.of("--url", "--user", "--password-env", "--schema", "--prefix", "--shards", "--database");
    private static final String USAGE = """
            usage: OutboxSchema create|upgrade|verify --url URL [--user USER] [--password-env NAME] [names]
                   OutboxSchema print --database postgresql|mariadb|mysql|sqlite|sqlserver|oracle|h2 [names]
            names: [--schema SCHEMA] [--prefix PREFIX] [--shards N]

            create   creates the outbox tables if they are not there
            upgrade  brings them to the version of this library, or creates them
            verify   tells whether they are there and of the right version
            print    prints the script that creates them, for Flyway or Liquibase
            The password is read from the environment variable NAME.
            """;

    private final Function<String, @Nullable String> environment;
    private final PrintStream out;
    private final PrintStream err;

    SchemaCommand(Function<String, @Nullable String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    static SchemaCommand onStandardStreams() {
        return new SchemaCommand(System::getenv, stream(FileDescriptor.out), stream(FileDescriptor.err));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** Returns the status with which the process ends. */
    int run(String[] arguments) {
        try {
            if (arguments.length == 0) {
                throw new IllegalArgumentException("no command");
            }
            run(arguments[0], options(arguments));
            return OK;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.println();
            err.print(USAGE);
            return WRONG_ARGUMENTS;
        } catch (OutboxException e) {
            err.println(e.getMessage());
            if (e.getCause() != null) {
                err.println(e.getCause().getMessage());
            }
            return REFUSED;
        }
    }

    private void run(String command, Map<String, String> options) {
        switch (command) {
            case "create" -> schema(options).create();
            case "upgrade" -> schema(options).upgrade();
            case "verify" -> schema(options).verify();
            case "print" -> print(options);
            default -> throw new IllegalArgumentException("unknown command '" + command + "'");
        }
        if (!command.equals("print")) {
            out.println("the outbox tables are there, version " + SchemaTable.VERSION);
        }
    }

    private void print(Map<String, String> options) {
        Dialect dialect = Dialects.named(required(options, "--database"));
        out.print(OutboxSchema.script(dialect, names(options), shards(options)));
    }

    private OutboxSchema schema(Map<String, String> options) {
        String url = required(options, "--url");
        @Nullable String user = options.get("--user");
        @Nullable String password = password(options);
        OutboxSchema schema = OutboxSchema.of(
                        () -> {
                            DriverManager.getDriver(
                                    url); // its error does not repeat the URL, which may have a password
                            return DriverManager.getConnection(url, user, password);
                        },
                        SchemaSteps.released())
                .withTables(names(options));
        Integer shards = shards(options);
        return shards == null ? schema : schema.withShards(shards);
    }

    private @Nullable String password(Map<String, String> options) {
        String variable = options.get("--password-env");
        if (variable == null) {
            return null;
        }
        String password = environment.apply(variable);
        if (password == null) {
            throw new IllegalArgumentException("the environment variable " + variable + " is not set");
        }
        return password;
    }

    private static TableNames names(Map<String, String> options) {
        TableNames standard = TableNames.standard();
        return new TableNames(options.get("--schema"), options.getOrDefault("--prefix", standard.prefix()));
    }

    private static @Nullable Integer shards(Map<String, String> options) {
        String value = options.get("--shards");
        try {
            return value == null ? null : OutboxSchema.checkedShards(Integer.parseInt(value));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--shards must be a number, was '" + value + "'", e);
        }
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < arguments.length; i += 2) {
            if (!OPTIONS.contains(arguments[i])) {
                throw new IllegalArgumentException("unknown option '" + arguments[i] + "'");
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value");
            }
            options.put(arguments[i], arguments[i + 1]);
        }
        return options;
    }

    private static String required(Map<String, String> options, String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }
}
