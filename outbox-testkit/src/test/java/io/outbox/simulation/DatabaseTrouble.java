package io.outbox.simulation;

import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import io.outbox.testkit.Faults.Hook;
import io.outbox.testkit.Faults.Moment;
import io.outbox.testkit.Faults.Operation;
import java.time.Duration;

/**
 * What goes wrong at a call of a database, before and after its effect: it fails, it takes long while others go on, and its
 * caller is killed or stopped in the middle of it. A statement of a caller that was killed may still take effect.
 */
final class DatabaseTrouble implements Hook {
    private static final int SELDOM = 300;
    private static final int OFTEN = 6;

    private final World world;
    private final History history;
    private final String name;
    private boolean on = true;
    private boolean down;
    private int failsOneIn = SELDOM;

    DatabaseTrouble(World world, History history, String name) {
        this.world = world;
        this.history = history;
        this.name = name;
    }

    void end() {
        on = false;
    }

    void goDown(Duration time) {
        history.trouble(name, "down");
        down = true;
        world.after(time, () -> down = false);
    }

    void failOften(Duration time) {
        history.trouble(name, "fails often");
        failsOneIn = OFTEN;
        world.after(time, () -> failsOneIn = SELDOM);
    }

    @Override
    public void at(Operation operation, Moment moment) {
        SimulatedProcess caller = world.current();
        if (caller != null) {
            caller.dieIfKilled();
        }
        if (!on) {
            return;
        }
        if (world.maySleep() && world.oneIn(25)) {
            world.sleep(world.oneIn(25) ? world.between(100, 3000) : world.between(0, 30));
        }
        if (caller != null) {
            interrupt(caller, operation, moment);
        }
        fail(operation, moment);
    }

    private void interrupt(SimulatedProcess caller, Operation operation, Moment moment) {
        if (caller.isAlive() && world.oneIn(6000)) {
            history.trouble(caller.name, "killed " + moment + " " + operation);
            caller.kill();
        }
        if (!caller.isAlive() && moment == Moment.BEFORE && world.oneIn(2)) {
            return; // the statement was on its way already
        }
        caller.dieIfKilled();
        if (world.maySleep() && world.oneIn(2000)) {
            history.trouble(caller.name, "stopped " + moment + " " + operation);
            caller.pause();
            world.after(world.between(50, 8000), caller::resume);
            world.sleep(Duration.ZERO);
            caller.dieIfKilled();
        }
    }

    private void fail(Operation operation, Moment moment) {
        if (on && ((down && moment == Moment.BEFORE) || world.oneIn(failsOneIn))) {
            if (!down) {
                history.trouble(name, "fails " + moment + " " + operation);
            }
            throw world.oneIn(5)
                    ? new StoreException("failure " + moment + " " + operation)
                    : new TransientStoreException("failure " + moment + " " + operation);
        }
    }
}
