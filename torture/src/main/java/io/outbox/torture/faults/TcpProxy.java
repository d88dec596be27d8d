package io.outbox.torture.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Passes TCP connections on, until it is told to cut, delay or swallow. Bytes of a connection come in order and without a
 * gap: one from which something was swallowed never passes anything on in that direction again. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int CHUNK = 16 * 1024;
    private static final int CONNECT_MILLIS = 2_000;

    private final String name;
    private final ServerSocket server;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private volatile long delayMillis;
    private volatile boolean swallowing;

    /**
     * Starts to listen on a port of the loopback address; connections fail until there is a target.
     *
     * @param name for its threads
     */
    public TcpProxy(String name) {
        this.name = name;
        try {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen", e);
        }
        start("accept", this::acceptAll);
    }

    /** Returns the port that it listens on. */
    public int port() {
        return server.getLocalPort();
    }

    /** Sets where new connections go. */
    public void target(String host, int port) {
        target = new InetSocketAddress(host, port);
    }

    /** Closes all connections; new ones are taken at once. */
    public void cut() {
        links.forEach(Link::close);
    }

    /** Holds back each piece of data for so long. */
    public void delay(Duration time) {
        delayMillis = time.toMillis();
    }

    /** Loses all answers from now on; requests still arrive. */
    public void swallow() {
        swallowing = true;
    }

    /** Ends delays and losses. Connections that lost something are closed. */
    public void heal() {
        delayMillis = 0;
        swallowing = false;
        links.stream().filter(link -> link.hasLost).forEach(Link::close);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close a proxy", e);
        } finally {
            cut();
        }
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                start("connect", () -> connect(client));
            } catch (IOException e) {
                // closed, or a client that is gone already
            }
        }
    }

    private void connect(Socket client) {
        Socket upstream = new Socket();
        Link link = new Link(client, upstream);
        links.add(link);
        try {
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            upstream.connect(target, CONNECT_MILLIS);
            start("requests", () -> link.pump(client, upstream, false));
            link.pump(upstream, client, true);
        } catch (IOException e) {
            link.close();
        }
    }

    private void start(String role, Runnable task) {
        Thread thread = new Thread(task, "proxy-" + name + "-" + role);
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection. */
    private final class Link {
        private final Socket client;
        private final Socket upstream;
        private volatile boolean hasLost;

        Link(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void pump(Socket from, Socket to, boolean answers) {
            byte[] chunk = new byte[CHUNK];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                    Thread.sleep(delayMillis);
                    if (answers && swallowing) {
                        hasLost = true;
                    }
                    if (!answers || !hasLost) {
                        out.write(chunk, 0, length);
                    } else if (!swallowing) {
                        return; // healed between the two looks: the rest cannot follow what was lost
                    }
                }
            } catch (IOException e) {
                // the other side is gone: so is this one
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
            }
        }

        void close() {
            links.remove(this);
            closeQuietly(client);
            closeQuietly(upstream);
        }

        private void closeQuietly(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                // as good as closed
            }
        }
    }
}
