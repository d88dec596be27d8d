package io.outbox.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.faults.Target;
import io.outbox.torture.worker.BrokerKind;
import io.outbox.torture.worker.DatabaseKind;
import io.outbox.torture.worker.Library;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The torture, short. Longer: {@code -Dtorture.seconds=600}; another plan: {@code -Dtorture.seed=2}. A seed that failed
 * repeats its plan of faults, not the moment each of them meets.
 */
class TortureIT {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("torture.seconds", 90));
    private static final long SEED = Long.getLong("torture.seed", 1);

    private final Set<Long> before = children();

    /** Beside a copy of the library, which stands for another version: so that runs of two versions are known to work. */
    @Test
    void onPostgreSqlAndKafka_besideAnotherVersion_everythingBalances(@TempDir Path folder) throws IOException {
        TortureReport report = assertBalanced(
                DatabaseKind.POSTGRESQL,
                BrokerKind.KAFKA,
                EnumSet.complementOf(EnumSet.of(FaultKind.BROKER_FULL, FaultKind.BROKER_QUEUE_FULL)),
                copyOfTheLibrary(folder));

        assertThat(report.mixture()).isNotNull().satisfies(mixture -> {
            assertThat(mixture.starts()).containsOnlyKeys(Target.workers());
            assertThat(mixture.starts().values()).allMatch(Starts::isOfBoth);
        });
    }

    @Test
    void onMariaDbAndRabbit_everythingBalances() {
        assertBalanced(
                DatabaseKind.MARIADB, BrokerKind.RABBIT, EnumSet.complementOf(EnumSet.of(FaultKind.BROKER_SLOW)), null);
    }

    private TortureReport assertBalanced(
            DatabaseKind database, BrokerKind broker, Set<FaultKind> possible, @Nullable Beside beside) {
        Path logs = Path.of("target", "torture-it", broker.name()).toAbsolutePath();
        TortureReport report;
        try (TortureRun run = new TortureRun(new Options(LENGTH, SEED, database, broker, logs, beside))) {
            report = run.run();
        }

        System.out.println(report.text());
        assertThat(report.isBalanced()).as(report.text()).isTrue();
        assertThat(report.faults()).containsOnlyKeys(possible);
        assertThat(report.rolledBack()).isPositive();
        assertThat(report.committedLate()).isPositive();
        assertThat(report.relayRestarts()).isPositive();
        assertThat(report.verdict().volume().scheduled()).isPositive();
        assertThat(report.verdict().volume().sentAgain()).isPositive();
        assertThat(report.verdict().volume().setAside()).isPositive();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(children()).as("processes that are left").isSubsetOf(before));
        return report;
    }

    private static Beside copyOfTheLibrary(Path folder) throws IOException {
        List<Path> copies = new ArrayList<>();
        for (Path location : Library.locations()) {
            Path copy = folder.toRealPath()
                    .resolve(copies.size() + location.getFileName().toString());
            try (Stream<Path> files = Files.walk(location)) { // a jar, or a folder of classes
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(location.relativize(file).toString()));
                }
            }
            copies.add(copy);
        }
        return new Beside("a copy", copies);
    }

    private static Set<Long> children() {
        return ProcessHandle.current().descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
    }
}
