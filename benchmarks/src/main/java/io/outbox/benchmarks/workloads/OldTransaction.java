package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.wire.Arrivals;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Many messages pass while another session holds an old snapshot, so that the database can remove no dead row: is the
 * relay as fast at the end as it was at the start?
 */
final class OldTransaction implements Workload {
    private static final long MESSAGES = 1_000_000;
    private static final long WARMUP = 200_000;
    /** Hundredths of the run that count as start and end; the very first one is left out. */
    private static final int START = 1;

    private static final int PART = 10;
    private static final int END = 100;

    @Override
    public List<String> contenders(Options options) {
        List<String> names = new ArrayList<>(List.of(Contenders.OURS));
        names.addAll(options.against(""));
        return names;
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        long messages = stage.options().count("messages", MESSAGES);
        List<Party> parties = contenders.stream().map(stage::party).toList();
        parties.forEach(party -> Progress.run("warm-up", DrainRun.run(stage, party, Math.min(WARMUP, messages))));
        Report report = new Report("old-transaction", "messages/s", Contenders.OURS);
        for (int run = 1; run <= stage.options().count("runs"); run++) {
            for (Party party : parties) {
                report.add(Progress.run("run " + run, once(stage, party, messages)));
            }
        }
        report.ratio("start", report.median(Contenders.OURS, "end_over_start"));
        return report;
    }

    private static RunResult once(Stage stage, Party party, long messages) {
        try (Connection report = stage.servers().connect();
                Statement statement = report.createStatement()) {
            report.setAutoCommit(false);
            report.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.executeQuery("select count(*) from pg_class").close();
            RunResult result = DrainRun.run(stage, party, messages);
            Arrivals arrivals = result.arrivals();
            double start = arrivals == null ? 0 : arrivals.rate(START, START + PART);
            double end = arrivals == null ? 0 : arrivals.rate(END - PART, END);
            report.rollback();
            return result.with("start_rate", Report.rounded(start))
                    .with("end_rate", Report.rounded(end))
                    .with("end_over_start", Report.rounded(end / start));
        } catch (SQLException e) {
            throw new IllegalStateException("the old transaction failed", e);
        }
    }
}
