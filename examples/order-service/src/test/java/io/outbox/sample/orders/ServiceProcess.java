package io.outbox.sample.orders;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One of the services in a JVM of its own. */
record ServiceProcess(Service service, List<String> options, int port, Process process) implements AutoCloseable {
    /** Starts one, on a port of its own. */
    static ServiceProcess start(Service service, List<String> options) throws IOException {
        return start(service, options, freePort());
    }

    private static ServiceProcess start(Service service, List<String> options, int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                OrderService.class.getName(),
                service.profile(),
                "--server.port=" + port));
        command.addAll(options);
        File log = Path.of("target", service.profile() + ".log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        return new ServiceProcess(service, options, port, process);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException(service + " has ended, see target/" + service.profile() + ".log");
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** SIGKILL: nothing is finished, given back or closed. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " survived SIGKILL");
        }
    }

    /** Starts it again, on the same port. */
    ServiceProcess again() throws IOException {
        return start(service, options, port);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
