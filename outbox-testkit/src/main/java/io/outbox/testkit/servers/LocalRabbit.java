package io.outbox.testkit.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A private RabbitMQ node from the distribution's packages, with an Erlang port mapper of its own. */
final class LocalRabbit extends LocalServer {
    private static final Duration TOOL_LIMIT = Duration.ofSeconds(60);

    private final Map<String, String> settings;
    private int port;
    private int distributionPort;
    private int mapperPort;

    LocalRabbit(Map<String, String> settings) {
        super("RabbitMQ");
        this.settings = settings;
    }

    /** Returns null if the packages are there, otherwise what to install. */
    static @Nullable String problem() {
        return Programs.find("rabbitmq-server").isPresent()
                        && Programs.find("epmd").isPresent()
                ? null
                : "install RabbitMQ: apt-get install rabbitmq-server";
    }

    URI uri() {
        return URI.create("amqp://guest:guest@127.0.0.1:" + port);
    }

    @Override
    void layOut() throws IOException {
        port = newPort();
        distributionPort = newPort();
        mapperPort = newPort();
        Files.createDirectory(home().resolve("data"));
        Files.createDirectory(home().resolve("log"));
        Files.writeString(home().resolve("plugins"), "[].\n");
        Path cookie = Files.writeString(
                home().resolve(".erlang.cookie"), UUID.randomUUID().toString());
        Files.setPosixFilePermissions(cookie, PosixFilePermissions.fromString("r--------"));
        StringBuilder configuration = new StringBuilder("listeners.tcp.local = 127.0.0.1:" + port + "\n");
        settings.forEach((name, value) ->
                configuration.append(name).append(" = ").append(value).append('\n'));
        Files.writeString(home().resolve("rabbitmq.conf"), configuration);
    }

    @Override
    void launchAll() {
        launch(List.of(Programs.require("epmd"), "-port", Integer.toString(mapperPort), "-address", "127.0.0.1"));
        launch(List.of(Programs.require("rabbitmq-server")));
    }

    @Override
    @Nullable
    String probe() {
        String unreachable = JdbcProbe.portProblem(port);
        return unreachable == null ? RabbitServer.problem(uri()) : unreachable;
    }

    @Override
    void environment(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("RABBITMQ_"));
        environment.put("HOME", home().toString());
        environment.put("ERL_EPMD_PORT", Integer.toString(mapperPort));
        environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        environment.put("RABBITMQ_NODENAME", "outbox" + port + "@localhost");
        environment.put("RABBITMQ_DIST_PORT", Integer.toString(distributionPort));
        environment.put("RABBITMQ_MNESIA_BASE", home().resolve("data").toString());
        environment.put("RABBITMQ_LOG_BASE", home().resolve("log").toString());
        environment.put("RABBITMQ_CONFIG_FILE", home().resolve("rabbitmq.conf").toString());
        environment.put(
                "RABBITMQ_ENABLED_PLUGINS_FILE", home().resolve("plugins").toString());
        environment.put("RABBITMQ_PID_FILE", home().resolve("pid").toString());
        environment.put("RABBITMQ_LOGS", "-");
    }

    @Override
    public String run(List<String> command) {
        List<String> line = new ArrayList<>(command);
        line.set(0, Programs.require(command.get(0)));
        Path output = home().resolve("tool-" + UUID.randomUUID() + ".log");
        LocalProcess tool = LocalProcess.start(line, home(), output, this::environment);
        if (!tool.awaitEnd(TOOL_LIMIT)) {
            tool.killTree();
            throw new IllegalStateException(command + " did not end within " + TOOL_LIMIT);
        }
        String printed = new ServerLog(output).tail();
        if (tool.exitValue() != 0) {
            throw new IllegalStateException(command + " ended with exit code " + tool.exitValue() + ": " + printed);
        }
        return printed;
    }
}
