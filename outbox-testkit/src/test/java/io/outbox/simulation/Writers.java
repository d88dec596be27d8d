package io.outbox.simulation;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.OutboxException;
import io.outbox.simulation.History.What;
import io.outbox.simulation.History.Written;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Application transactions: they lock the keys they write, take short or long, commit, roll back, or are abandoned by a
 * writer that died and rolled back much later.
 */
final class Writers {
    static final String POISON = "poison";
    private static final int KEYS = 8;
    private static final int DESTINATIONS = 3;

    private final World world;
    private final History history;
    private final InMemoryTransactions database;
    private final Outbox<InMemoryTransaction> outbox;
    private final Set<String> locked = new HashSet<>();
    private boolean stopped;
    private int serial;
    private int open;

    Writers(World world, History history, InMemoryTransactions database, Outbox<InMemoryTransaction> outbox) {
        this.world = world;
        this.history = history;
        this.database = database;
        this.outbox = outbox;
    }

    static String anyDestination(World world) {
        return "d" + world.random.nextInt(DESTINATIONS);
    }

    void start(int writers) {
        for (int i = 0; i < writers; i++) {
            world.after(world.between(0, 50), this::begin);
        }
    }

    void stop() {
        stopped = true;
    }

    boolean isIdle() {
        return stopped && open == 0;
    }

    /** What a transaction has locked and written so far. */
    private static final class Work {
        final InMemoryTransaction transaction;
        final List<String> keys;
        final List<String> ids = new ArrayList<>();

        Work(InMemoryTransaction transaction, List<String> keys) {
            this.transaction = transaction;
            this.keys = keys;
        }
    }

    private void begin() {
        if (stopped) {
            return;
        }
        List<String> keys = new ArrayList<>();
        for (int n = world.random.nextInt(3); n >= 0; n--) {
            String key = "k" + world.random.nextInt(KEYS);
            if (locked.add(key)) {
                keys.add(key);
            }
        }
        open++;
        try {
            write(new Work(database.begin(), keys), 1 + world.random.nextInt(4));
        } catch (OutboxException e) {
            end(keys);
        }
    }

    private void write(Work work, int left) {
        try {
            if (left == 0) {
                finish(work);
                return;
            }
            append(work);
        } catch (OutboxException e) {
            rollBack(work);
            return;
        }
        boolean slow = world.oneIn(60);
        world.after(slow ? world.between(500, 15_000) : world.between(0, 8), () -> write(work, left - 1));
    }

    private void append(Work work) {
        String id = "m" + serial++;
        String destination = anyDestination(world);
        boolean poison = world.oneIn(150);
        Message.Builder message =
                Message.to(destination).id(id).type(poison ? POISON : "t").payload(id);
        String key =
                work.keys.isEmpty() || world.oneIn(5) ? null : work.keys.get(world.random.nextInt(work.keys.size()));
        if (key != null) {
            message.key(key);
        }
        Instant due = world.oneIn(40) ? world.clock.instant().plus(world.between(100, 10_000)) : null;
        if (due != null) {
            message.deliverAt(due);
        }
        history.written(new Written(id, key, destination, poison, due));
        work.ids.add(id);
        outbox.publish(work.transaction, message.build());
    }

    private void finish(Work work) {
        if (world.oneIn(40)) { // the writer died: its locks stay until the database notices
            world.after(world.between(0, 5000), () -> rollBack(work));
        } else if (world.oneIn(8)) {
            rollBack(work);
        } else {
            work.transaction.onCommit(() -> work.ids.forEach(id -> history.add(What.COMMITTED, "writer", id)));
            work.transaction.commit();
            end(work.keys);
        }
    }

    private void rollBack(Work work) {
        if (work.transaction.isOpen()) {
            work.transaction.close();
            work.ids.forEach(id -> history.add(What.ROLLED_BACK, "writer", id));
        }
        end(work.keys);
    }

    private void end(List<String> keys) {
        open--;
        keys.forEach(locked::remove);
        world.after(world.between(0, 20), this::begin);
    }
}
