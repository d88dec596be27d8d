package io.outbox.torture;

import io.outbox.testkit.servers.DatabaseServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import io.outbox.torture.faults.Fault;
import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.faults.FaultPlan;
import io.outbox.torture.faults.Target;
import io.outbox.torture.faults.TcpProxy;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.Numbered;
import io.outbox.torture.worker.WorkerSettings;
import io.outbox.torture.worker.WorkerSettings.Role;
import io.outbox.torture.worker.WriterJob;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One run: servers and workers start, faults are injected while writers write, everything heals, and the books are compared.
 * Confined to one thread; closing ends all processes.
 */
public final class TortureRun implements AutoCloseable {
    /** Nothing has been done for so long: it is stuck. How much time all takes is a matter of the machine. */
    private static final Duration STALL_LIMIT = Duration.ofMinutes(5);

    private static final long FIRST = Long.MAX_VALUE / 2;
    private static final long LOOK_MILLIS = 1_000;

    private final Options options;
    private final TcpProxy databaseLink = new TcpProxy("database");
    private final TcpProxy brokerLink = new TcpProxy("broker");
    private final DatabaseServer database;
    private final BrokerUnderAttack broker;
    private final Books books;
    private final DeadLetters deadLetters;
    private final WorkerLogs logs;
    private final Workers workers;

    /**
     * Starts the servers.
     *
     * @param options what to do
     */
    public TortureRun(Options options) {
        this.options = options;
        logs = new WorkerLogs(options.logs());
        database = switch (options.database()) {
            case POSTGRESQL -> TestServers.newPostgres();
            case MARIADB -> TestServers.newMariadb(Map.of());
        };
        TestDatabase ours = database.createDatabase();
        URI address = URI.create(ours.jdbcUrl().substring("jdbc:".length()));
        databaseLink.target(address.getHost(), address.getPort());
        broker = BrokerUnderAttack.start(options.broker(), brokerLink);
        books = new Books(ours.dataSource());
        deadLetters = new DeadLetters(ours.dataSource());
        String url =
                ours.jdbcUrl().replace(address.getHost() + ":" + address.getPort(), "127.0.0.1:" + databaseLink.port());
        workers = new Workers(
                new WorkerSettings(
                        Role.RELAY,
                        options.database(),
                        options.database().url(url),
                        ours.user(),
                        ours.password(),
                        options.broker(),
                        broker.address(),
                        0,
                        options.seed()),
                options.logs(),
                options.beside());
    }

    /** Does everything, which takes somewhat longer than faults are injected. */
    public TortureReport run() {
        try {
            return torture();
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not answer, though it is healed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private TortureReport torture() throws SQLException, InterruptedException {
        books.create(options.database());
        workers.startAll();
        Set<FaultKind> kinds = EnumSet.allOf(FaultKind.class);
        kinds.removeAll(broker.unknown());
        List<Fault> plan = FaultPlan.of(options.seed(), options.length(), kinds);
        Attack attack = new Attack(database, databaseLink, broker, brokerLink, workers, new FaultLog(options.logs()));
        attack.run(plan);
        long healed = System.nanoTime();
        workers.endAll(Target.WRITER);
        List<String> problems = new ArrayList<>(attack.problems());
        addIfAny(problems, catchUp());
        Duration recovery = Duration.ofNanos(System.nanoTime() - healed);
        broker.healForGood();
        deadLetters.decide();
        addIfAny(problems, catchUp());
        problems.addAll(deadLetters.problems());
        workers.endAll(Target.RELAY);
        workers.endAll(Target.CONSUMER);
        problems.addAll(workers.problems());
        Beside beside = options.beside();
        Mixture mixture = beside == null ? null : Mixture.of(beside, logs);
        problems.addAll(mixture == null ? List.of() : mixture.problems());
        History history = new History(Numbered::isOrdered);
        books.tellCommitted(history);
        deadLetters.tell(history);
        broker.tell(history);
        Outage longestOutage = books.tellEffects(history);
        return new TortureReport(
                options,
                attack.injected(),
                logs.count(Target.WRITER, WriterJob.ROLLED_BACK),
                logs.count(Target.WRITER, WriterJob.LATE),
                workers.restarts(Target.RELAY),
                mixture,
                history.check(),
                longestOutage,
                recovery,
                problems);
    }

    private static void addIfAny(List<String> problems, String problem) {
        if (!problem.isEmpty()) {
            problems.add(problem);
        }
    }

    /** Waits until nothing is left to be done; returns what is left when it gets no less. */
    private String catchUp() throws SQLException, InterruptedException {
        long least = Long.MAX_VALUE;
        long progress = System.nanoTime();
        while (true) {
            long waiting = books.waiting();
            long withoutEffect = books.withoutEffect() + deadLetters.sentAgain();
            long ours = waiting + Math.max(0, withoutEffect);
            long backlog = ours == 0 ? broker.backlog() : -1;
            if (backlog == 0) {
                return "";
            }
            long left = ours == 0 ? backlog : ours + FIRST; // the backlog comes last
            if (left < least) {
                least = left;
                progress = System.nanoTime();
            }
            if (System.nanoTime() - progress > STALL_LIMIT.toNanos()) {
                return "no progress for " + STALL_LIMIT + ": messages in the outbox " + waiting + ", without effect "
                        + withoutEffect + ", not acknowledged by consumers " + backlog;
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    @Override
    public void close() {
        try (databaseLink;
                brokerLink;
                database;
                broker) {
            workers.killAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
