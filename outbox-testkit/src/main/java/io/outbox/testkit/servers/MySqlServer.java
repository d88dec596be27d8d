package io.outbox.testkit.servers;

/** A MySQL server. Thread-safe. */
public final class MySqlServer extends DatabaseServer {

    MySqlServer(ServerControl control, boolean shared, TestDatabase administration) {
        super(control, shared, administration);
    }
}
