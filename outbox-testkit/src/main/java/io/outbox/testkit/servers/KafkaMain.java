package io.outbox.testkit.servers;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Main class of the JVM that runs a Kafka broker: formats the log directory if that is new, then serves until SIGTERM.
 *
 * <p>Does what {@code kafka-storage.sh} and {@code kafka-server-start.sh} do, in one JVM instead of two, and prints the
 * reason if the broker cannot start even where no logging is configured. Kafka's classes are found at run time, so that
 * the test kit compiles without the broker.
 */
final class KafkaMain {

    private KafkaMain() {}

    /**
     * Runs the broker.
     *
     * @param arguments the file with the broker's configuration, and the id of the cluster
     */
    @SuppressWarnings({"CatchAndPrintStackTrace", "SystemOut"})
    public static void main(String[] arguments) {
        try {
            run(Path.of(arguments[0]), arguments[1]);
        } catch (ReflectiveOperationException | IOException | RuntimeException e) {
            e.printStackTrace(); // this process has no logging of its own
            Runtime.getRuntime().halt(1);
        }
    }

    private static void run(Path configuration, String clusterId) throws ReflectiveOperationException, IOException {
        Properties properties = new Properties();
        try (var in = Files.newInputStream(configuration)) {
            properties.load(in);
        }
        if (!Files.exists(Path.of(properties.getProperty("log.dirs"), "meta.properties"))) {
            format(configuration, clusterId);
        }
        Object config = Class.forName("kafka.server.KafkaConfig")
                .getMethod("fromProps", Properties.class)
                .invoke(null, properties);
        Class<?> time = Class.forName("org.apache.kafka.common.utils.Time");
        Class<?> type = Class.forName("kafka.server.KafkaRaftServer");
        Object server = type.getConstructor(config.getClass(), time)
                .newInstance(config, time.getField("SYSTEM").get(null));
        Method shutdown = type.getMethod("shutdown");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> call(shutdown, server), "kafka-shutdown"));
        type.getMethod("startup").invoke(server);
        type.getMethod("awaitShutdown").invoke(server);
    }

    private static void format(Path configuration, String clusterId) throws ReflectiveOperationException {
        String[] command = {"format", "--cluster-id", clusterId, "--config", configuration.toString()};
        Object code = Class.forName("kafka.tools.StorageTool")
                .getMethod("execute", String[].class, PrintStream.class)
                .invoke(null, command, System.out);
        if (!code.equals(0)) {
            throw new IllegalStateException("formatting the log directory ended with code " + code);
        }
    }

    private static void call(Method method, Object target) {
        try {
            method.invoke(target);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot call " + method, e);
        }
    }
}
