package io.outbox.testkit.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** A private Kafka node in KRaft mode, in a JVM of its own with the jars of this JVM's class path. */
final class LocalKafka extends LocalServer {

    /** Keeps the broker from logging at DEBUG, which is what Logback does without a configuration. */
    private static final String LOGBACK = """
            <configuration>
              <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0} %msg%n</pattern></encoder>
              </appender>
              <logger name="kafka.server.KafkaConfig" level="WARN"/>
              <logger name="org.apache.kafka.common.config.AbstractConfig" level="WARN"/>
              <root level="INFO"><appender-ref ref="CONSOLE"/></root>
            </configuration>
            """;

    private final Map<String, String> settings;
    private final UnaryOperator<String> advertised;
    private String clusterId = "";
    private int port;

    LocalKafka(Map<String, String> settings, UnaryOperator<String> advertised) {
        super("Kafka");
        this.settings = Map.copyOf(settings);
        this.advertised = advertised;
    }

    /** Tells whether the broker's jars are on the class path. */
    static boolean isOnClassPath() {
        return LocalKafka.class.getResource("/kafka/server/KafkaRaftServer.class") != null;
    }

    String bootstrapServers() {
        return FreePort.ADDRESS + ":" + port;
    }

    @Override
    void layOut() throws IOException {
        port = newPort();
        int controller = newPort();
        clusterId = Uuid.randomUuid().toString();
        Map<String, String> place = Map.of(
                "controller.quorum.voters", "1@" + FreePort.ADDRESS + ":" + controller,
                "listeners",
                        "PLAINTEXT://" + bootstrapServers() + ",CONTROLLER://" + FreePort.ADDRESS + ":" + controller,
                "advertised.listeners", "PLAINTEXT://" + advertised.apply(bootstrapServers()),
                "log.dirs", home().resolve("data").toString());
        Properties properties = new Properties();
        properties.putAll(KafkaSettings.join(place, settings));
        try (var out = Files.newOutputStream(configuration())) {
            properties.store(out, null);
        }
        Files.writeString(home().resolve("logback.xml"), LOGBACK);
        // in a file, because a command line has a limit; the argument file's syntax knows quotes and backslashes
        String classPath = ChildClassPath.ofThisJvm().replace("\\", "\\\\").replace("\"", "\\\"");
        Files.writeString(argumentFile(), "-cp \"" + classPath + "\"\n");
    }

    @Override
    void launchAll() {
        launch(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-Dlogback.configurationFile=" + home().resolve("logback.xml"),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "@" + argumentFile(),
                KafkaMain.class.getName(),
                configuration().toString(),
                clusterId));
    }

    @Override
    @Nullable
    String probe() {
        String unreachable = JdbcProbe.portProblem(port);
        return unreachable != null ? unreachable : KafkaServer.problem(bootstrapServers());
    }

    @Override
    void environment(Map<String, String> environment) {
        environment.keySet().removeAll(List.of("CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    }

    private Path configuration() {
        return home().resolve("server.properties");
    }

    private Path argumentFile() {
        return home().resolve("class-path");
    }
}
