package io.outbox.testkit.servers;

/** A MariaDB server. Thread-safe. */
public final class MariaDbServer extends DatabaseServer {

    MariaDbServer(ServerControl control, boolean shared, TestDatabase administration) {
        super(control, shared, administration);
    }
}
