package io.outbox.testkit.servers;

import java.util.List;

/** A server that an environment variable names: it runs, and it is not ours to stop. Immutable. */
record ExternalServer(String product, String variable) implements ServerControl {

    @Override
    public String name() {
        return product + " (given by " + variable + ")";
    }

    @Override
    public boolean isRunning() {
        return true;
    }

    @Override
    public void start() {
        throw refusal("started");
    }

    @Override
    public void stop() {
        throw refusal("stopped");
    }

    @Override
    public void kill() {
        throw refusal("killed");
    }

    @Override
    public void pause() {
        throw refusal("paused");
    }

    @Override
    public void resume() {
        throw refusal("resumed");
    }

    @Override
    public void close() {}

    @Override
    public String run(List<String> command) {
        throw refusal("administered with " + command.get(0));
    }

    private UnsupportedOperationException refusal(String what) {
        return new UnsupportedOperationException(product + " cannot be " + what + ", because it is not ours: "
                + variable + " names it. Unset the variable, or take a private server from TestServers.new...()");
    }
}
