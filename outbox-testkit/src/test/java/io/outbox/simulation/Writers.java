package io.outbox.simulation;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.OutboxException;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Application transactions: they lock the keys they write, take short or long, commit or roll back. */
final class Writers {
    private static final int KEYS = 8;

    private final World world;
    private final InMemoryTransactions database;
    private final Outbox<InMemoryTransaction> outbox;
    private final Set<String> locked = new HashSet<>();
    /** Message ids in commit order, by key; scheduled ones apart. */
    final Map<String, List<String>> committedByKey = new HashMap<>();

    final Set<String> committed = new HashSet<>();
    final Set<String> poison = new HashSet<>();
    private boolean stopped;
    private int serial;
    private int open;

    Writers(World world, InMemoryTransactions database, Outbox<InMemoryTransaction> outbox) {
        this.world = world;
        this.database = database;
        this.outbox = outbox;
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
            write(keys, database.begin(), new HashMap<>(), 1 + world.random.nextInt(4));
        } catch (OutboxException e) {
            end(keys);
        }
    }

    private void write(List<String> keys, InMemoryTransaction transaction, Map<String, List<String>> ids, int left) {
        try {
            if (left == 0) {
                finish(keys, transaction, ids);
                return;
            }
            append(keys, transaction, ids);
        } catch (OutboxException e) {
            transaction.close();
            end(keys);
            return;
        }
        boolean slow = world.oneIn(60);
        world.after(
                slow ? world.between(1000, 40_000) : world.between(0, 8),
                () -> write(keys, transaction, ids, left - 1));
    }

    private void append(List<String> keys, InMemoryTransaction transaction, Map<String, List<String>> ids) {
        String id = "m" + serial++;
        Message.Builder message = Message.to("d" + world.random.nextInt(3))
                .id(id)
                .type(world.oneIn(200) ? "poison" : "t")
                .payload(id);
        String key = keys.isEmpty() || world.oneIn(5) ? "" : keys.get(world.random.nextInt(keys.size()));
        if (!key.isEmpty()) {
            message.key(key);
        }
        if (world.oneIn(40)) {
            message.deliverAt(world.clock.instant().plus(world.between(100, 20_000)));
            key = "";
        }
        outbox.publish(transaction, message.build());
        ids.computeIfAbsent(key, k -> new ArrayList<>()).add(id);
    }

    private void finish(List<String> keys, InMemoryTransaction transaction, Map<String, List<String>> ids) {
        if (world.oneIn(8)) {
            transaction.rollback();
        } else {
            transaction.onCommit(() -> ids.forEach((key, list) -> {
                committed.addAll(list);
                if (!key.isEmpty()) {
                    committedByKey.computeIfAbsent(key, k -> new ArrayList<>()).addAll(list);
                }
            }));
            transaction.commit();
        }
        end(keys);
    }

    private void end(List<String> keys) {
        open--;
        keys.forEach(locked::remove);
        world.after(world.between(0, 20), this::begin);
    }
}
