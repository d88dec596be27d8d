package io.outbox.torture.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Through the proxy to a server that sends back what it gets. */
@Timeout(20)
class TcpProxyTest {
    private final TcpProxy proxy = new TcpProxy("test");
    private ServerSocket server;

    @BeforeEach
    void serve() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        proxy.target("127.0.0.1", server.getLocalPort());
        start(() -> {
            while (true) {
                Socket socket = server.accept();
                start(() -> socket.getInputStream().transferTo(socket.getOutputStream()));
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void passesBothWays() throws IOException {
        try (Socket client = connect()) {
            assertThat(ask(client, 1)).isEqualTo(1);
            assertThat(ask(client, 2)).isEqualTo(2);
        }
    }

    @Test
    void cut_closesConnections_andTakesNewOnes() throws IOException {
        try (Socket client = connect();
                Socket later = connect()) {
            ask(client, 1);
            proxy.cut();

            assertEnds(client);
            try (Socket next = connect()) {
                assertThat(ask(next, 3)).isEqualTo(3);
            }
            assertEnds(later);
        }
    }

    @Test
    void delay_holdsBothWaysBack_untilItIsHealed() throws IOException {
        try (Socket client = connect()) {
            ask(client, 1);
            proxy.delay(Duration.ofMillis(100));
            long began = System.nanoTime();

            assertThat(ask(client, 2)).isEqualTo(2);

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
            proxy.heal();
            assertThat(ask(client, 3)).isEqualTo(3);
        }
    }

    @Test
    void swallow_losesAnswers_andEndsInAClosedConnectionThatShowsNothingMore() throws IOException {
        try (Socket client = connect()) {
            ask(client, 1);
            proxy.swallow();
            client.getOutputStream().write(2);
            client.setSoTimeout(300);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            client.setSoTimeout(0);

            proxy.heal();

            assertEnds(client);
            try (Socket next = connect()) {
                assertThat(ask(next, 3)).isEqualTo(3);
            }
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    }

    private static int ask(Socket client, int question) throws IOException {
        client.getOutputStream().write(question);
        return client.getInputStream().read();
    }

    private static void assertEnds(Socket client) {
        int answer;
        try {
            answer = client.getInputStream().read();
        } catch (IOException e) {
            answer = -1; // reset
        }
        assertThat(answer).isEqualTo(-1);
    }

    /** What a thread of the server does until its socket is closed. */
    private interface Serving {
        void run() throws IOException;
    }

    private static void start(Serving serving) {
        Thread thread = new Thread(() -> {
            try {
                serving.run();
            } catch (IOException e) {
                // closed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
