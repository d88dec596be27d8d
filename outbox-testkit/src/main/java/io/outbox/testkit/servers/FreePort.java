package io.outbox.testkit.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Picks ports on the loopback address below the operating system's ephemeral range.
 *
 * <p>A port from that range (which is what binding to port 0 gives) may be taken by any outgoing connection while the
 * server is down, and a client that keeps connecting to it may even connect to itself. Below the range a port stays free
 * over a kill and a restart.
 */
final class FreePort {

    /** The address that all local servers listen on. */
    static final String ADDRESS = "127.0.0.1";

    private static final int LOWEST = 10_240;
    private static final int FALLBACK_LIMIT = 32_768;
    private static final Path EPHEMERAL_RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private FreePort() {}

    /** Returns a port that was free a moment ago; whoever loses the race for it must pick another. */
    static int pick() {
        int limit = ephemeralStart();
        for (int attempt = 0; attempt < 200 && limit > LOWEST; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, limit);
            if (isFree(port)) {
                return port;
            }
        }
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port on the loopback address", e);
        }
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // connections in TIME_WAIT do not matter, the servers set it too
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int ephemeralStart() {
        try {
            return Integer.parseInt(Files.readString(EPHEMERAL_RANGE).strip().split("\\s+")[0]);
        } catch (IOException | NumberFormatException e) {
            return FALLBACK_LIMIT;
        }
    }
}
