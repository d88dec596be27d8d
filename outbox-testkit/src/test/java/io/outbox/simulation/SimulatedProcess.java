package io.outbox.simulation;

import java.util.ArrayList;
import java.util.List;

/** A process: it can be killed, or stopped and resumed, between any two of its steps and in the middle of a call. */
final class SimulatedProcess {
    final String name;
    private final World world;
    private final List<Runnable> held = new ArrayList<>();
    private boolean alive = true;
    private boolean paused;
    private int depth;

    /** Ends what a process that was killed was doing; nobody catches it but the process itself. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
        private final transient SimulatedProcess process;

        private Killed(SimulatedProcess process) {
            super("killed", null, false, false);
            this.process = process;
        }
    }

    SimulatedProcess(World world, String name) {
        this.world = world;
        this.name = name;
    }

    boolean isAlive() {
        return alive;
    }

    boolean isPaused() {
        return paused;
    }

    /** Whether it is in the middle of something. */
    boolean isBusy() {
        return depth > 0;
    }

    void kill() {
        alive = false;
        paused = false;
        held.clear();
    }

    void pause() {
        paused = alive;
    }

    void resume() {
        paused = false;
        List<Runnable> waiting = List.copyOf(held);
        held.clear();
        waiting.forEach(task -> world.afterNanos(0, () -> run(task)));
    }

    /** To be called where the process may have been killed meanwhile. */
    void dieIfKilled() {
        if (!alive) {
            throw new Killed(this);
        }
    }

    /** Runs a step of it: later if it is stopped, never if it is dead. */
    void run(Runnable task) {
        if (paused) {
            held.add(task);
        } else if (alive) {
            depth++;
            try {
                world.as(this, task);
            } catch (Killed e) {
                if (e.process != this) {
                    throw e;
                }
            } finally {
                depth--;
            }
        }
    }
}
