package io.outbox.testkit.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, within moments and without a word in the log, whether a Docker engine answers where Testcontainers would
 * look for one.
 */
final class DockerEngine {

    private static final Duration LIMIT = Duration.ofSeconds(2);

    private DockerEngine() {}

    /** Returns null if an engine answers, otherwise where was looked for it and what came of it. */
    static @Nullable String problem(Map<String, String> environment, Path home) {
        List<String> problems = new ArrayList<>();
        for (String host : hosts(environment, home)) {
            String problem = ping(host);
            if (problem == null) {
                return null;
            }
            problems.add(host + ": " + problem);
        }
        return "no Docker engine answers (" + String.join("; ", problems) + ")";
    }

    /** Lists the addresses in Testcontainers' order; the first that is given explicitly stands alone. */
    private static List<String> hosts(Map<String, String> environment, Path home) {
        String given = environment.get("DOCKER_HOST");
        if (given == null) {
            given = configured(home.resolve(".testcontainers.properties"));
        }
        if (given != null) {
            return List.of(given);
        }
        List<String> hosts = new ArrayList<>(List.of("unix:///var/run/docker.sock"));
        String runtime = environment.get("XDG_RUNTIME_DIR");
        if (runtime != null) {
            hosts.add("unix://" + runtime + "/docker.sock");
        }
        hosts.add("unix://" + home + "/.docker/run/docker.sock");
        hosts.add("unix://" + home + "/.docker/desktop/docker.sock");
        return hosts;
    }

    private static @Nullable String configured(Path file) {
        if (!Files.isReadable(file)) {
            return null;
        }
        try (InputStream in = Files.newInputStream(file)) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("docker.host");
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable String ping(String host) {
        try {
            URI uri = URI.create(host);
            SocketAddress address;
            if ("unix".equals(uri.getScheme())) {
                Path socket = Path.of(uri.getPath());
                if (!Files.exists(socket)) {
                    return "no such file";
                }
                address = UnixDomainSocketAddress.of(socket);
            } else if (uri.getHost() != null) {
                address = new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? 2375 : uri.getPort());
            } else {
                return "not an address of the form unix://PATH or tcp://HOST:PORT";
            }
            boolean encrypted = System.getenv("DOCKER_TLS_VERIFY") != null;
            return exchange(address, encrypted);
        } catch (IOException | IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static @Nullable String exchange(SocketAddress address, boolean encrypted) throws IOException {
        var family =
                address instanceof UnixDomainSocketAddress ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET;
        long end = System.nanoTime() + LIMIT.toNanos();
        try (SocketChannel channel = SocketChannel.open(family);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_CONNECT);
            boolean connected = channel.connect(address);
            while (!connected) {
                if (!select(selector, end)) {
                    return "no connection within " + LIMIT;
                }
                connected = channel.finishConnect();
            }
            if (encrypted) {
                return null; // TLS is left to Testcontainers; something listens
            }
            channel.write(ByteBuffer.wrap("GET /_ping HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            channel.register(selector, SelectionKey.OP_READ);
            ByteBuffer answer = ByteBuffer.allocate(64);
            if (!select(selector, end) || channel.read(answer) <= 0) {
                return "no answer within " + LIMIT;
            }
            String line = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
            return line.matches("(?s)HTTP/1\\.\\d 200.*")
                    ? null
                    : "answers " + line.lines().findFirst().orElse("");
        }
    }

    private static boolean select(Selector selector, long end) throws IOException {
        selector.selectedKeys().clear();
        long millis = (end - System.nanoTime()) / 1_000_000;
        return millis > 0 && selector.select(millis) > 0;
    }
}
