package io.outbox.torture;

import io.outbox.testkit.servers.TestServer;
import io.outbox.torture.faults.Fault;
import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.faults.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Carries out a plan of faults. Each target has a thread of its own: its faults come one after the other, those of
 * other targets meanwhile. A fault whose time has passed because one before took long is left out, or a slow machine would never
 * let the target recover. Confined to one thread.
 */
final class Attack {
    private static final long END_MINUTES = 5;
    private static final Duration TOO_LATE = Duration.ofSeconds(2);
    private static final Duration LONGEST_DELAY = Duration.ofMillis(400);

    private final TestServer database;
    private final TcpProxy databaseLink;
    private final BrokerUnderAttack broker;
    private final TcpProxy brokerLink;
    private final Workers workers;
    private final FaultLog log;
    private final Map<FaultKind, Integer> injected = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();

    Attack(
            TestServer database,
            TcpProxy databaseLink,
            BrokerUnderAttack broker,
            TcpProxy brokerLink,
            Workers workers,
            FaultLog log) {
        this.database = database;
        this.databaseLink = databaseLink;
        this.broker = broker;
        this.brokerLink = brokerLink;
        this.workers = workers;
        this.log = log;
    }

    /** Does everything in the plan and returns when the last fault is over. */
    void run(List<Fault> plan) throws InterruptedException {
        Map<String, ExecutorService> targets = new HashMap<>();
        try {
            long began = System.nanoTime();
            for (Fault fault : plan) {
                long wait = fault.at().toNanos() - (System.nanoTime() - began);
                TimeUnit.NANOSECONDS.sleep(Math.max(0, wait));
                targets.computeIfAbsent(
                                fault.kind().target() + " " + fault.index(),
                                unused -> Executors.newSingleThreadExecutor())
                        .execute(() -> {
                            long late = System.nanoTime() - began - fault.at().toNanos();
                            if (late < TOO_LATE.toNanos() || !injected.containsKey(fault.kind())) {
                                inject(fault);
                            }
                        });
            }
        } finally {
            for (ExecutorService target : new ArrayList<>(targets.values())) {
                target.shutdown();
                if (!target.awaitTermination(END_MINUTES, TimeUnit.MINUTES)) {
                    target.shutdownNow();
                    problems.add("a fault does not end");
                }
            }
        }
    }

    Map<FaultKind, Integer> injected() {
        return Map.copyOf(injected);
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    private void inject(Fault fault) {
        log.write(fault, "begins");
        try {
            if (fault.kind().target().isWorker()) {
                workers.attack(fault);
            } else {
                attackServersAndLinks(fault);
            }
            injected.merge(fault.kind(), 1, Integer::sum);
            log.write(fault, "is over");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            problems.add("cannot inject " + fault.kind().label() + ": " + e);
        }
    }

    private void attackServersAndLinks(Fault fault) throws InterruptedException {
        switch (fault.kind()) {
            case DATABASE_KILL -> down(database::kill, fault, database::start);
            case DATABASE_RESTART -> down(database::stop, fault, database::start);
            case DATABASE_STOP -> down(database::pause, fault, database::resume);
            case BROKER_KILL -> down(broker.server()::kill, fault, broker.server()::start);
            case BROKER_RESTART -> down(broker.server()::stop, fault, broker.server()::start);
            case BROKER_STOP -> down(broker.server()::pause, fault, broker.server()::resume);
            case BROKER_REFUSES, BROKER_FULL, BROKER_QUEUE_FULL, BROKER_SLOW ->
                down(() -> broker.hinder(fault.kind(), true), fault, () -> broker.hinder(fault.kind(), false));
            case DATABASE_LINK_CUT -> databaseLink.cut();
            case DATABASE_LINK_DELAY -> down(() -> databaseLink.delay(delay(fault)), fault, databaseLink::heal);
            case DATABASE_LINK_SWALLOW -> down(databaseLink::swallow, fault, databaseLink::heal);
            case BROKER_LINK_CUT -> brokerLink.cut();
            case BROKER_LINK_DELAY -> down(() -> brokerLink.delay(delay(fault)), fault, brokerLink::heal);
            case BROKER_LINK_SWALLOW -> down(brokerLink::swallow, fault, brokerLink::heal);
            default -> throw new IllegalArgumentException("not for a server or a link: " + fault.kind());
        }
    }

    private static void down(Runnable begin, Fault fault, Runnable end) throws InterruptedException {
        begin.run();
        try {
            Thread.sleep(fault.lasting().toMillis());
        } finally {
            end.run();
        }
    }

    private static Duration delay(Fault fault) {
        return Duration.ofMillis((long) (1 + fault.strength() * LONGEST_DELAY.toMillis()));
    }
}
