package io.outbox.relay;

import io.outbox.spi.OutboxStore;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Publisher;
import io.outbox.spi.RelayListener;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relay of one channel: six passes around one window.
 *
 * <pre>
 *   heartbeat  keeps the leases                         (its own thread)
 *   reader     store → window → publisher
 *   deleter    acknowledged messages → gone
 *   parker     refused messages → parked
 *   retrier    parked messages that are due → publisher
 *   sweeper    the net under the reader's cursor
 *   purger     copies whose retention is over → gone
 *
 *   crash here                      this happens
 *   ------------------------------  --------------------------------------------------------------
 *   after the read                  the rows are still there; whoever has the lease next reads them
 *   after the publish               the same; the broker gets the messages again
 *   after the acknowledgement       the same
 *   after the delete, or the park   nothing is left to do; each is one transaction
 *   while parked messages go out    they block their keys until they are deleted; they go out again
 *   between heartbeat and expiry    the shards wait for the lease to expire, then others take them
 * </pre>
 *
 * <p>Thread-safe.
 */
final class ChannelRelay {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelRelay.class);

    /** How many passes want a thread at the same time, the heartbeat's not counted. */
    static final int PASSES = 5;

    private final String channel;
    private final OutboxStore<?> store;
    private final RelaySettings settings;
    private final RelayListener listener;
    private final RateMeter published;
    private final ReadCursor cursor;
    private final BlockedKeys blockedKeys = new BlockedKeys();
    private final Circuit circuit;
    private final Outlet outlet;
    private final Window window;
    private final Leases leases;
    private final ReadPass readPass;
    private final RetryPass retryPass;

    private final PassLoop heartbeat;
    private final PassLoop reader;
    private final PassLoop deleter;
    private final PassLoop parker;
    private final PassLoop retrier;
    private final SweepPass sweepPass;
    private final PassLoop sweeper;
    private final PassLoop purger;
    private volatile boolean stopping;

    ChannelRelay(
            String channel,
            OutboxStore<?> store,
            Publisher publisher,
            RelaySettings settings,
            ScheduledExecutorService executor,
            ScheduledExecutorService heartbeatExecutor) {
        this.channel = channel;
        this.store = store;
        this.settings = settings;
        listener = new SafeListener(settings.listener());
        published = new RateMeter(settings.ticker());
        cursor = new ReadCursor(settings.maxTransactionTime());
        circuit = new Circuit(settings.random());
        window = new Window(settings, publisher.keepsOrder(), new FromWindow());
        outlet = new Outlet(publisher, window);
        leases = new Leases(store, channel, settings, this::isDrained, this::leasesChanged);
        retryPass = new RetryPass(
                store, channel, settings, leases, outlet, circuit, blockedKeys, listener, new FromRetries());
        heartbeat = loop("heartbeat", this::beat, heartbeatExecutor);
        readPass = new ReadPass(
                store, channel, settings, leases, cursor, window, circuit, blockedKeys, this::databaseIsBack);
        reader = loop("reader", readPass, executor);
        deleter = loop("deleter", new DeletePass(store, settings, cursor, window, this::onPublished), executor);
        parker = loop(
                "parker",
                new ParkPass(store, settings, leases, window, blockedKeys, listener, this::wakeReader),
                executor);
        retrier = loop("retrier", retryPass, executor);
        sweepPass = new SweepPass(store, channel, settings, leases, cursor, window, this::wakeReader);
        sweeper = loop("sweeper", sweepPass, executor);
        purger = loop("purger", new PurgePass(store, settings.retention()), executor);
    }

    private PassLoop loop(String name, PassLoop.Pass pass, ScheduledExecutorService executor) {
        return new PassLoop(channel + " " + name, pass, executor, settings, this::onFailure);
    }

    void start() {
        stopping = false;
        Stream.of(heartbeat, reader, deleter, parker, retrier).forEach(PassLoop::start);
        sweeper.start();
        if (settings.archives()) {
            purger.start();
        }
    }

    boolean isNamed(String name) {
        return channel.equals(name);
    }

    private void databaseIsBack() {
        sweepPass.hurry();
        sweeper.wakeWithin(SweepPass.HURRIED_NANOS);
    }

    /** New messages may be there. */
    void wakeReader() {
        reader.wake();
    }

    /** First half of stopping: nothing more is read; what is in flight goes on. */
    void stopReading() {
        stopping = true;
        reader.stop();
        sweeper.stop();
        purger.stop();
    }

    /** Whether nothing is in flight any more. */
    boolean isIdle() {
        return window.size() == 0 && retryPass.isIdle() && !reader.isRunning();
    }

    /** How many messages are in flight. */
    int inFlight() {
        return window.size();
    }

    /** Second half: ends the other passes and gives the leases back. */
    void stop() {
        Stream.of(deleter, parker, retrier, heartbeat).forEach(PassLoop::stop);
        try {
            leases.close();
        } catch (RuntimeException e) {
            LOG.warn(
                    "outbox {}: the leases could not be given back; others wait {} for them to expire: {}",
                    channel,
                    settings.leaseTime(),
                    Failures.describe(e));
        }
    }

    private long beat() {
        if (isDead()) {
            LOG.error("outbox {}: the reader or the deleter no longer works; leases are given up", channel);
            leases.leave();
            return settings.leaseTime().toNanos();
        }
        leases.heartbeat();
        if (!stopping) {
            reader.wakeIfResting();
        }
        return (leases.isSettled() ? settings.heartbeatInterval() : settings.hurriedHeartbeatInterval()).toNanos();
    }

    private boolean isDead() {
        long stuckAfter = settings.stuckAfter().toNanos();
        return Stream.of(reader, deleter, parker, retrier).anyMatch(pass -> pass.isDead(stuckAfter));
    }

    private boolean isDrained(int shard) {
        return readPass.isDrained(shard) && window.ofShard(shard) == 0 && retryPass.isDrained(shard);
    }

    private void leasesChanged(Set<Integer> shards) {
        LOG.debug("outbox {}: has {} shards", channel, shards.size());
        listener.onLeasesChanged(channel, shards);
        reader.wake();
        retrier.wake();
    }

    private void onPublished(int messages) {
        published.add(messages);
        listener.onPublished(channel, messages);
        reader.wake();
    }

    private void onFailure(String pass, Throwable cause) {
        listener.onFailure(channel, pass, cause);
    }

    private void onUnavailable(Throwable cause) {
        if (circuit.open(cause, settings.ticker().getAsLong())) {
            LOG.warn(
                    "outbox {}: broker unavailable, messages wait in the outbox: {}",
                    channel,
                    Failures.describe(cause));
            listener.onCircuitOpened(channel, cause);
        }
        reader.wake();
    }

    private void onAvailable() {
        if (circuit.close()) {
            LOG.info("outbox {}: broker available again", channel);
            listener.onCircuitClosed(channel);
        }
        reader.wake();
    }

    private final class FromWindow implements Window.Events {
        @Override
        public void acknowledged(int waitingForDeletion) {
            if (waitingForDeletion == 1) {
                deleter.wakeWithin(settings.deleteDelay().toNanos());
            } else if (waitingForDeletion == settings.batchSize()) {
                deleter.wake();
            }
        }

        @Override
        public void unavailable(Throwable cause) {
            onUnavailable(cause);
        }

        @Override
        public void availableAgain() {
            onAvailable();
        }

        @Override
        public void parkingWaits() {
            parker.wake();
        }

        @Override
        public void publish(InFlightMessage next) {
            if (next.message != null) {
                outlet.publish(next.message, next);
            }
        }
    }

    private final class FromRetries implements RetryPass.PassEvents {
        @Override
        public void outcomeCame() {
            retrier.wake();
        }

        @Override
        public void published(int messages) {
            ChannelRelay.this.onPublished(messages);
        }

        @Override
        public void answered() {
            if (circuit.state() == CircuitState.HALF_OPEN) {
                onAvailable();
            }
        }

        @Override
        public void unavailable(Throwable cause) {
            window.halt();
            onUnavailable(cause);
        }
    }

    ChannelStatus status() {
        Optional<String> cause = Optional.ofNullable(circuit.lastCause()).map(Failures::describe);
        Optional<String> failure = Stream.of(heartbeat, reader, deleter, parker, retrier, sweeper)
                .map(PassLoop::lastFailure)
                .filter(found -> found != null)
                .findFirst()
                .map(Failures::describe);
        return new ChannelStatus(
                channel,
                leases.held(),
                window.size(),
                window.bytes(),
                store.oldestWaiting(channel),
                circuit.state(),
                cause,
                published.count(),
                published.perSecond(),
                store.count(channel, Set.of(ParkedState.SCHEDULED, ParkedState.RETRY, ParkedState.BEHIND)),
                store.count(channel, Set.of(ParkedState.DEAD, ParkedState.DEAD_BLOCKING)),
                failure);
    }
}
