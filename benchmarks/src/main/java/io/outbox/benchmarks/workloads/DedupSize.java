package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.spi.DedupStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What recording a message costs with millions recorded before it, against an empty table. */
final class DedupSize implements Workload {
    private static final long ROWS = 10_000_000;
    private static final int MEASURED = 100_000;
    private static final int BATCH = 100;
    private static final long CHUNK = 500_000;
    /** Ids of version 7, a millisecond apart. */
    private static final String FILL = """
            insert into outbox_dedup (consumer_group, message_id)
            select 'bench', substr(t, 1, 8) || '-' || substr(t, 9, 4) || '-7' || substr(r, 1, 3) || '-8' || substr(r, 4, 3)
                || '-' || substr(r, 7, 12)
            from generate_series(cast(:from as bigint), cast(:to as bigint)) n,
                lateral (select lpad(to_hex(1700000000000 + n), 12, '0') as t, md5(cast(n as text)) as r) x
            """;

    @Override
    public List<String> contenders(Options options) {
        return List.of(Contenders.OURS);
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        Options options = stage.options();
        long rows = options.count("messages", ROWS);
        Report report = new Report("dedup", "messages/s", Contenders.OURS);
        try (Connection connection = stage.servers().connect()) {
            OutboxSchema.of(stage.servers().dataSource()).create();
            DedupStore<Connection> dedup = JdbcDedupStore.of(stage.servers().dataSource());
            connection.setAutoCommit(false);
            rate(connection, dedup, "warm-up");
            stage.servers().execute("truncate outbox_dedup");
            List<Double> empty = new ArrayList<>();
            for (int run = 1; run <= options.count("runs"); run++) {
                empty.add(rate(connection, dedup, "empty-" + run));
                stage.servers().execute("truncate outbox_dedup");
            }
            for (long from = 0; from < rows; from += CHUNK) {
                stage.servers()
                        .execute(FILL.replace(":from", Long.toString(from))
                                .replace(":to", Long.toString(Math.min(rows, from + CHUNK) - 1)));
            }
            // what autovacuum would do meanwhile, on the two cores that are measured
            stage.servers().execute("vacuum (analyze) outbox_dedup");
            stage.settle();
            for (int run = 1; run <= options.count("runs"); run++) {
                double full = rate(connection, dedup, "full-" + run);
                Map<String, Object> details = new LinkedHashMap<>();
                details.put("rate", Report.rounded(full));
                details.put("empty_rate", Report.rounded(empty.get(run - 1)));
                details.put("cost_over_empty", Report.rounded(empty.get(run - 1) / full));
                report.add(Progress.run("run " + run, new RunResult(Contenders.OURS, full, null, details)));
            }
            report.ratio("empty", report.median(Contenders.OURS, "cost_over_empty"));
            report.figure(
                    "bytes_per_row",
                    (double) stage.servers().number("select pg_total_relation_size('outbox_dedup')")
                            / stage.servers().number("select count(*) from outbox_dedup"));
            return report;
        } catch (SQLException e) {
            throw new IllegalStateException("the database refuses", e);
        }
    }

    /** Records new messages in transactions of a batch, with ids that follow those of the table; returns messages a second. */
    private static double rate(Connection connection, DedupStore<Connection> dedup, String name) throws SQLException {
        long began = System.nanoTime();
        for (int from = 0; from < MEASURED; from += BATCH) {
            List<String> ids = new ArrayList<>(BATCH);
            for (int i = from; i < from + BATCH; i++) {
                ids.add(String.format(Locale.ROOT, "%08x-%04x-7000-8000-%s", 0x7f000000, i >>> 4, name + i));
            }
            Set<String> fresh = dedup.record(connection, "bench", ids);
            if (fresh.size() != BATCH) {
                throw new IllegalStateException("only " + fresh.size() + " of " + BATCH + " messages were new");
            }
            connection.commit();
        }
        return MEASURED * 1e9 / (System.nanoTime() - began);
    }
}
