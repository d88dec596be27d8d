package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalProcessTest {
    @TempDir
    private Path home;

    @Test
    void endTree_whenTheSignalIsNotPassedOn_leavesNoDescendant() {
        LocalProcess shell = LocalProcess.start(
                List.of("sh", "-c", "sleep 600 & wait"), home, home.resolve("log"), environment -> {});
        ProcessHandle root = ProcessHandle.of(shell.pid()).orElseThrow();
        await().until(() -> root.descendants().anyMatch(LocalProcessTest::isSleep));
        ProcessHandle sleep =
                root.descendants().filter(LocalProcessTest::isSleep).findFirst().orElseThrow();

        shell.endTree("KILL", Duration.ofMillis(100));

        await().untilAsserted(() -> assertThat(sleep.isAlive()).isFalse());
    }

    private static boolean isSleep(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("sleep");
    }
}
