package io.outbox.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.torture.faults.Target;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MixtureTest {
    private static final String OURS = "library /this/core" + File.pathSeparator + "/this/jdbc\n";
    private static final String OTHERS = "library /other/core" + File.pathSeparator + "/other/jdbc\n";
    private static final String MIXED = "library /other/core" + File.pathSeparator + "/this/jdbc\n";

    private final Beside beside = new Beside("0.1.0", List.of(Path.of("/other/core"), Path.of("/other/jdbc")));

    @TempDir
    private Path folder;

    private WorkerLogs logs;

    @BeforeEach
    void eachKindHasRunWithEither() throws IOException {
        logs = new WorkerLogs(folder);
        for (Target target : Target.workers()) {
            for (int i = 0; i < target.count(); i++) {
                log(target.place(i), i == 0 ? OURS : OTHERS);
            }
        }
    }

    @Test
    void of_countsWhatWorkersSay() throws IOException {
        log("relay-0", "rolled back\nlibrary /other/core" + File.pathSeparator + "/other/jdbc\n" + OURS);

        Mixture mixture = Mixture.of(beside, logs);

        assertThat(mixture.problems()).isEmpty();
        assertThat(mixture.text()).isEqualTo("0.1.0, starts with it: relays 3 of 5, writers 1 of 2, consumers 1 of 2");
    }

    @Test
    void problems_whenAKindHasRunWithOneVersionOnly_tellsWhich() throws IOException {
        Files.writeString(folder.resolve("writer-1.log"), OURS);
        Files.writeString(folder.resolve("consumer-0.log"), OTHERS);

        assertThat(Mixture.of(beside, logs).problems())
                .satisfiesExactly(
                        problem -> assertThat(problem).contains("writer", "ofThis=2"),
                        problem -> assertThat(problem).contains("consumer", "ofOther=2"));
    }

    @Test
    void problems_whenAWorkerHasModulesOfBothVersions_tellsIt() throws IOException {
        log("relay-1", MIXED);

        assertThat(Mixture.of(beside, logs).problems())
                .singleElement()
                .asString()
                .contains("relay", "mixed=1");
    }

    @Test
    void problems_whenTheWorkersDoNotFitTheLibrary_quotesTheError() throws IOException {
        String error = "java.lang.NoSuchMethodError: 'void io.outbox.relay.Relay.begin()'";
        log("relay-2", "Exception in thread \"main\" " + error + "\n\tat io.outbox.torture.worker.RelayJob.run\n");

        assertThat(Mixture.of(beside, logs).problems())
                .singleElement()
                .asString()
                .contains("0.1.0", error);
    }

    private void log(String place, String text) throws IOException {
        Path file = folder.resolve(place + ".log");
        Files.writeString(file, (Files.exists(file) ? Files.readString(file) : "") + text);
    }
}
