package io.outbox.torture.worker;

import java.util.List;

/**
 * What a worker is told on its command line.
 *
 * @param role what it is to do
 * @param database which database
 * @param url its JDBC URL
 * @param user the database's user
 * @param password the user's password
 * @param broker which broker
 * @param address where the broker is
 * @param index which of several, from 0
 * @param seed decides what varies from one worker to the next
 */
public record WorkerSettings(
        Role role,
        DatabaseKind database,
        String url,
        String user,
        String password,
        BrokerKind broker,
        String address,
        int index,
        long seed) {

    /** What a worker does. */
    public enum Role {
        RELAY,
        WRITER,
        CONSUMER
    }

    /** Returns this for another worker. */
    public WorkerSettings with(Role otherRole, int otherIndex, long otherSeed) {
        return new WorkerSettings(otherRole, database, url, user, password, broker, address, otherIndex, otherSeed);
    }

    /** Returns it as arguments. */
    public List<String> arguments() {
        return List.of(
                role.name(),
                database.name(),
                url,
                user,
                password,
                broker.name(),
                address,
                Integer.toString(index),
                Long.toString(seed));
    }

    static WorkerSettings parse(String[] arguments) {
        return new WorkerSettings(
                Role.valueOf(arguments[0]),
                DatabaseKind.valueOf(arguments[1]),
                arguments[2],
                arguments[3],
                arguments[4],
                BrokerKind.valueOf(arguments[5]),
                arguments[6],
                Integer.parseInt(arguments[7]),
                Long.parseLong(arguments[8]));
    }
}
