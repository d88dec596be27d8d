package io.outbox.rabbit;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.testkit.servers.RabbitServer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands between clients and a broker and passes everything on, until it is told to lose answers or to take no more requests.
 * Knows the frames of AMQP 0-9-1, so that one answer is lost and what follows it is not; TLS is passed on as it is. Thread-safe.
 */
final class AmqpProxy implements AutoCloseable {
    private static final int CHUNK = 16 * 1024;
    private static final int CONNECT_MILLIS = 5_000;
    /** Half of it for each answer, by the client. */
    private static final int HANDSHAKE_MILLIS = 3_000;

    private static final int METHOD_FRAME = 1;
    private static final int FRAME_END = 1;
    private static final int LAST_FRAME = 8;

    /** What a broker says to a client that waits for it. */
    enum Answer {
        CONNECTION_START(10, 10),
        CONNECTION_TUNE(10, 30),
        CONNECTION_OPEN_OK(10, 41),
        CONNECTION_CLOSE_OK(10, 51),
        CHANNEL_OPEN_OK(20, 11),
        CHANNEL_CLOSE_OK(20, 41),
        EXCHANGE_DECLARE_OK(40, 11),
        QUEUE_DECLARE_OK(50, 11),
        QOS_OK(60, 11),
        CONSUME_OK(60, 21),
        CONFIRM(60, 80),
        CONFIRM_SELECT_OK(85, 11);

        private final int classId;
        private final int methodId;

        Answer(int classId, int methodId) {
            this.classId = classId;
            this.methodId = methodId;
        }

        private static @Nullable Answer in(int frameType, byte[] payload) {
            if (frameType != METHOD_FRAME) {
                return null;
            }
            ByteBuffer method = ByteBuffer.wrap(payload);
            int classId = method.getShort();
            int methodId = method.getShort();
            return Arrays.stream(values())
                    .filter(answer -> answer.classId == classId && answer.methodId == methodId)
                    .findAny()
                    .orElse(null);
        }
    }

    private final InetSocketAddress target;
    private final ServerSocket server;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile Set<Answer> losing = Set.of();
    private volatile @Nullable Answer last;
    private volatile Runnable afterLast = () -> {};
    /** Guarded by this. */
    private boolean stalled;

    AmqpProxy(RabbitServer rabbit) {
        this(rabbit.host(), rabbit.port());
    }

    AmqpProxy(String host, int port) {
        target = new InetSocketAddress(host, port);
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::acceptAll);
    }

    /** Makes connections through it, as the user of the broker. */
    ConnectionFactory factory(RabbitServer rabbit) {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(rabbit.uri());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        factory.setHost(server.getInetAddress().getHostAddress());
        factory.setPort(port());
        factory.setHandshakeTimeout(HANDSHAKE_MILLIS);
        return factory;
    }

    /** Loses answers of this kind, on all connections. */
    void lose(Answer answer) {
        lost.set(0);
        losing = Set.of(answer);
    }

    int port() {
        return server.getLocalPort();
    }

    /** How many were lost since it was told to. */
    int lost() {
        return lost.get();
    }

    /** Takes nothing from clients any more, until their sockets are full. */
    synchronized void stall() {
        stalled = true;
    }

    synchronized boolean isStalled() {
        return stalled;
    }

    /** Passes nothing on any more over the connections of now, heartbeats included, as if their network were gone. */
    synchronized void freeze() {
        links.forEach(link -> link.frozen = true);
    }

    synchronized boolean isFrozen() {
        return links.stream().anyMatch(link -> link.frozen);
    }

    /** Does something as soon as an answer of this kind has been passed on, once. */
    void after(Answer answer, Runnable action) {
        afterLast = action;
        last = answer;
    }

    /** Loses nothing more and takes everything; what is lost is lost. */
    synchronized void heal() {
        losing = Set.of();
        last = null;
        stalled = false;
        links.forEach(link -> link.frozen = false);
        notifyAll();
    }

    /** Closes all connections; new ones are taken at once. */
    void cut() {
        links.forEach(Link::close);
    }

    /** How many connections are open. */
    int connections() {
        return links.size();
    }

    @Override
    public void close() throws IOException {
        server.close();
        heal();
        cut();
    }

    private synchronized void awaitRequestsPass(Link link) throws InterruptedException {
        while (stalled || link.frozen) {
            wait();
        }
    }

    private synchronized void awaitAnswersPass(Link link) throws InterruptedException {
        while (link.frozen) {
            wait();
        }
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                start(() -> connect(client));
            } catch (IOException e) {
                // closed, or a client that is gone already
            }
        }
    }

    private void connect(Socket client) {
        Link link = new Link(client, new Socket());
        links.add(link);
        try {
            client.setTcpNoDelay(true);
            link.broker.setTcpNoDelay(true);
            link.broker.connect(target, CONNECT_MILLIS);
            start(link::passRequests);
            link.passAnswers();
        } catch (IOException e) {
            link.close();
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "amqp-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection. */
    private final class Link {
        private final Socket client;
        private final Socket broker;
        /** Guarded by the proxy. */
        private boolean frozen;

        Link(Socket client, Socket broker) {
            this.client = client;
            this.broker = broker;
        }

        void passRequests() {
            byte[] chunk = new byte[CHUNK];
            try {
                InputStream in = client.getInputStream();
                OutputStream out = broker.getOutputStream();
                for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                    awaitRequestsPass(this);
                    out.write(chunk, 0, length);
                }
            } catch (IOException e) {
                // one side is gone: so is the other
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
            }
        }

        void passAnswers() {
            try {
                DataInputStream in = new DataInputStream(new BufferedInputStream(broker.getInputStream()));
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(client.getOutputStream()));
                boolean tls = false;
                for (int type = in.read(); type >= 0; type = in.read()) {
                    awaitAnswersPass(this);
                    tls |= type > LAST_FRAME; // which its first byte is
                    if (tls) {
                        out.write(type);
                        out.write(in.readNBytes(in.available()));
                    } else {
                        passFrame(type, in, out);
                    }
                    if (in.available() == 0) {
                        out.flush();
                    }
                }
            } catch (IOException e) {
                // one side is gone: so is the other
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
            }
        }

        private void passFrame(int type, DataInputStream in, DataOutputStream out) throws IOException {
            int channel = in.readUnsignedShort();
            byte[] payload = new byte[in.readInt()];
            in.readFully(payload);
            byte[] end = in.readNBytes(FRAME_END);
            Answer answer = Answer.in(type, payload);
            if (answer != null && losing.contains(answer)) {
                lost.incrementAndGet();
            } else {
                out.writeByte(type);
                out.writeShort(channel);
                out.writeInt(payload.length);
                out.write(payload);
                out.write(end);
            }
            if (answer != null && answer == last) {
                out.flush();
                last = null;
                afterLast.run();
            }
        }

        void close() {
            closeQuietly(client);
            closeQuietly(broker);
            links.remove(this);
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
