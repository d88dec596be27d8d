package io.outbox.testkit.servers;

import java.util.Objects;

/**
 * A real server whose life a test controls.
 *
 * <p>Address and data stay the same over {@link #stop()}, {@link #kill()} and {@link #start()}; the data is removed by
 * {@link #close()} or when the JVM ends. A server that an environment variable names cannot be controlled: all methods
 * that would stop, kill, pause or restart it throw {@link UnsupportedOperationException} with the reason.
 *
 * <p>Thread-safe. Calls on one server wait for each other, except that {@link #close()} cuts short a start.
 */
public abstract sealed class TestServer implements AutoCloseable
        permits DatabaseServer, KafkaServer, RabbitServer, PgBouncer {

    private final ServerControl control;
    private final boolean shared;

    TestServer(ServerControl control, boolean shared) {
        this.control = Objects.requireNonNull(control, "control");
        this.shared = shared;
    }

    /**
     * Names the kind of server and how it runs.
     *
     * @return for example "PostgreSQL (local process)"
     */
    public final String name() {
        return control.name();
    }

    /**
     * Tells whether the server's process is there. A paused server counts as running.
     *
     * @return false after {@link #stop()}, {@link #kill()}, {@link #close()} or a crash
     */
    public final boolean isRunning() {
        return control.isRunning();
    }

    /**
     * Starts the server on its old address and data and waits until it answers. Does nothing if it runs.
     *
     * @throws IllegalStateException if it does not answer in time, with the end of its log, or if it was closed
     */
    public final void start() {
        control.start();
    }

    /**
     * Stops the server in order and waits until its processes have ended. Clients lose their connections. Does nothing
     * if it does not run. A server that has not ended after 30 s is killed.
     */
    public final void stop() {
        control.stop();
    }

    /**
     * Kills all processes of the server with SIGKILL, as a crash would, and waits until they have ended. What the
     * server had handed to the operating system survives, as in the crash of a process and unlike in a power cut.
     */
    public final void kill() {
        control.kill();
    }

    /** Stops the server in order and starts it again on the same address and data. */
    public final void restart() {
        control.stop();
        control.start();
    }

    /**
     * Freezes all processes of the server (SIGSTOP): connections stay open and nothing answers. Ends with
     * {@link #resume()}, {@link #stop()} or {@link #kill()}.
     *
     * @throws IllegalStateException if the server does not run
     */
    public final void pause() {
        control.pause();
    }

    /**
     * Lets a paused server go on (SIGCONT). Does nothing if it is not paused.
     *
     * @throws IllegalStateException if the server does not run
     */
    public final void resume() {
        control.resume();
    }

    /**
     * Ends a private server at once and removes its data; it cannot be started again. Does nothing to a server that is
     * shared by the whole JVM: that one ends with the JVM. Repeating the call does nothing.
     */
    @Override
    public final void close() {
        if (!shared) {
            control.close();
        }
    }

    final ServerControl control() {
        return control;
    }

    /** Returns the name and whether it runs. */
    @Override
    public final String toString() {
        return name() + (isRunning() ? ", running" : ", not running");
    }
}
