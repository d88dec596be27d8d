package io.outbox.rabbit;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that can be ended whatever state it is in. The client has a last word to the broker before it closes the socket: when
 * the socket takes nothing, because the broker reads nothing, it would wait to say it, without limit, behind the thread that sends.
 * Thread-safe.
 *
 * @param connection the client's
 * @param socket what it is over; null if that is not known
 */
record BrokerConnection(Connection connection, @Nullable Socket socket) {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnection.class);
    private static final int LAST_WORD_MILLIS = 1_000;

    /**
     * Ends it, and all waits of others for it. Repeating it does nothing.
     *
     * @param millis how long to wait for the broker to take notice; takes a second at most for less than that
     */
    void abort(int millis) {
        CompletableFuture<Boolean> overdue = new CompletableFuture<Boolean>()
                .completeOnTimeout(true, Math.max(millis, LAST_WORD_MILLIS), TimeUnit.MILLISECONDS);
        CompletableFuture<Void> unused = overdue.thenAccept(isOverdue -> {
            if (isOverdue) {
                startToCut();
            }
        });
        connection.abort(millis);
        overdue.complete(false);
    }

    /** In a thread of its own: the other one is the whole process's timer, and TLS may have its own last word. */
    private void startToCut() {
        Thread thread = new Thread(this::cut, "outbox-rabbit-cut");
        thread.setDaemon(true);
        thread.start();
    }

    private void cut() {
        if (socket != null) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                LOG.debug("A socket cannot be closed, it may be already", e);
            }
        }
    }
}
