package io.outbox.testkit.servers;

import java.util.List;

/** The life of one server, however it is run. Thread-safe; the contract of each method is that of {@link TestServer}. */
interface ServerControl {

    String name();

    boolean isRunning();

    void start();

    void stop();

    void kill();

    void pause();

    void resume();

    void close();

    /**
     * Runs an administration command of the server and returns what it printed.
     *
     * @throws UnsupportedOperationException if this server has none
     * @throws IllegalStateException if the command fails
     */
    String run(List<String> command);
}
