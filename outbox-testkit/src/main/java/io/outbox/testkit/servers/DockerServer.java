package io.outbox.testkit.servers;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/**
 * A server in a container of Testcontainers, published on a port of the host that stays the same over a restart (left to
 * itself Docker gives a new one each time). Testcontainers' reaper removes it if the JVM is killed.
 *
 * <p>Thread-safe: {@code lock} guards the fields that are not final and every change of state.
 */
final class DockerServer implements ServerControl {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final int STOP_LIMIT_SECONDS = 30;

    private final String product;
    private final GenericContainer<?> container;
    private final Probe probe;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean created;
    private boolean closed;

    DockerServer(String product, int hostPort, DockerImage image, Probe probe) {
        this.product = product;
        this.probe = probe;
        container = new GenericContainer<>(image.name())
                .withEnv(image.environment())
                .waitingFor(new AbstractWaitStrategy() {
                    @Override
                    protected void waitUntilReady() {
                        awaitAnswer();
                    }
                });
        if (!image.command().isEmpty()) {
            container.withCommand(image.command().toArray(String[]::new));
        }
        container.setPortBindings(List.of(hostPort + ":" + image.port()));
    }

    /** Returns the address of a published port, as {@code host:port}. */
    static String address(int hostPort) {
        return DockerClientFactory.instance().dockerHostIpAddress() + ":" + hostPort;
    }

    @Override
    public String name() {
        return product + " (Docker)";
    }

    @Override
    public boolean isRunning() {
        return locked(() -> created && !closed && Boolean.TRUE.equals(state().getRunning()));
    }

    @Override
    public void start() {
        change(() -> {
            if (closed) {
                throw new IllegalStateException(name() + " was closed and its data removed; ask for a new one");
            }
            if (!created) {
                create();
            } else if (!isRunning()) {
                client().startContainerCmd(id()).exec();
                awaitAnswer();
            }
        });
    }

    @Override
    public void stop() {
        change(() -> {
            if (isRunning()) {
                unpause();
                client().stopContainerCmd(id()).withTimeout(STOP_LIMIT_SECONDS).exec();
            }
        });
    }

    @Override
    public void kill() {
        change(() -> {
            if (isRunning()) {
                unpause(); // an engine may refuse to signal a frozen container
                client().killContainerCmd(id()).exec();
                Await.until(Duration.ofSeconds(STOP_LIMIT_SECONDS), () -> !isRunning());
            }
        });
    }

    @Override
    public void pause() {
        change(() -> {
            requireRunning();
            if (!Boolean.TRUE.equals(state().getPaused())) {
                client().pauseContainerCmd(id()).exec();
            }
        });
    }

    @Override
    public void resume() {
        change(() -> {
            requireRunning();
            unpause();
        });
    }

    @Override
    public void close() {
        change(() -> {
            closed = true;
            container.stop(); // removes it with its volumes
        });
    }

    @Override
    public String run(List<String> command) {
        return locked(() -> {
            try {
                var result = container.execInContainer(command.toArray(String[]::new));
                if (result.getExitCode() != 0) {
                    throw new IllegalStateException(String.join(" ", command) + " ended with exit code "
                            + result.getExitCode() + " in " + name() + ": " + result.getStdout() + result.getStderr());
                }
                return result.getStdout();
            } catch (IOException e) {
                throw new IllegalStateException("cannot run " + command.get(0) + " in " + name(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while " + command.get(0) + " ran in " + name(), e);
            }
        });
    }

    private void create() {
        try {
            container.start();
            created = true;
        } catch (ContainerLaunchException | ContainerFetchException e) {
            throw new IllegalStateException("cannot start " + name() + ": " + e.getMessage(), e);
        }
    }

    private void awaitAnswer() {
        if (!Await.until(START_LIMIT, () -> probe.problem() == null)) {
            throw new IllegalStateException("cannot start " + name() + ": no answer within " + START_LIMIT + ", last: "
                    + probe.problem() + ". Its log:\n" + container.getLogs());
        }
    }

    private void unpause() {
        if (Boolean.TRUE.equals(state().getPaused())) {
            client().unpauseContainerCmd(id()).exec();
        }
    }

    private void requireRunning() {
        if (!isRunning()) {
            throw new IllegalStateException(name() + " does not run");
        }
    }

    private com.github.dockerjava.api.command.InspectContainerResponse.ContainerState state() {
        return client().inspectContainerCmd(id()).exec().getState();
    }

    private String id() {
        return container.getContainerId();
    }

    private static DockerClient client() {
        return DockerClientFactory.instance().client();
    }

    private void change(Runnable change) {
        locked(() -> {
            change.run();
            return true;
        });
    }

    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }
}
