package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a test may rely on, whichever server it is. One private server serves the whole class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TestServerContract<S extends TestServer> {

    private final OwnProcesses processes = new OwnProcesses();
    S server;

    /** Starts a private server. */
    abstract S create();

    /** Stores a value in the server, durably. */
    abstract void write(String value);

    /** Returns the values that the server has; fails if it does not answer within some seconds. */
    abstract List<String> read();

    /** Makes the place that the values are kept in. */
    abstract void prepare();

    @BeforeAll
    void startServer() {
        server = create();
        prepare();
    }

    @BeforeEach
    void runServer() {
        server.start();
        server.resume();
    }

    @AfterAll
    void closeServer() {
        if (server != null) {
            server.close();
        }
        assertThat(processes.running()).isEmpty();
    }

    @Test
    void kill_endsAllProcesses_andStartKeepsTheData() {
        write("before the kill");

        server.kill();

        assertThat(server.isRunning()).isFalse();
        assertThat(processes.running()).isEmpty();
        server.start();
        assertThat(read()).contains("before the kill");
        write("after the kill");
        assertThat(read()).contains("after the kill");
    }

    @Test
    void stop_endsAllProcesses_andStartKeepsTheData() {
        write("before the stop");

        server.stop();

        assertThat(server.isRunning()).isFalse();
        assertThat(processes.running()).isEmpty();
        server.start();
        assertThat(read()).contains("before the stop");
    }

    @Test
    void pause_keepsItRunningButSilent_untilResume() {
        write("before the pause");

        server.pause();

        assertThat(server.isRunning()).isTrue();
        assertThatThrownBy(this::read).isInstanceOf(AssertionError.class).hasMessageContaining("no answer");
        server.resume();
        assertThat(read()).contains("before the pause");
    }

    @Test
    void stop_worksOnAPausedServer() {
        server.pause();

        server.stop();

        assertThat(processes.running()).isEmpty();
    }

    @Test
    void changes_areRepeatable() {
        server.start();
        server.stop();
        server.stop();
        server.kill();

        assertThat(server.isRunning()).isFalse();
        assertThatThrownBy(server::pause)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(server.name());
        server.restart();
        assertThat(server.isRunning()).isTrue();
    }

    /** Runs a request that has no limit of its own. */
    static <T> T within(Duration limit, java.util.concurrent.Callable<T> request) {
        var result = new java.util.concurrent.FutureTask<>(request);
        Thread thread = new Thread(result, "outbox-test-request");
        thread.setDaemon(true);
        thread.start();
        try {
            return result.get(limit.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("no answer within " + limit, e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new AssertionError("request failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
