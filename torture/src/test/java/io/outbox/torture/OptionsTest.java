package io.outbox.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.torture.worker.BrokerKind;
import io.outbox.torture.worker.DatabaseKind;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsTest {
    @Test
    void parse_takesWhatIsGiven_andDefaultsForTheRest() {
        Options given = Options.parse(List.of("--minutes", "1.5", "--database", "mariadb", "--broker", "rabbit"));

        assertThat(given.length()).isEqualTo(Duration.ofSeconds(90));
        assertThat(given.seed()).isEqualTo(1);
        assertThat(given.database()).isEqualTo(DatabaseKind.MARIADB);
        assertThat(given.broker()).isEqualTo(BrokerKind.RABBIT);
    }

    @Test
    void parse_takesAnotherVersion_withItsClassPath(@TempDir Path folder) throws IOException {
        Path jar = Files.createFile(folder.resolve("core.jar"));

        Options given =
                Options.parse(List.of("--beside", "0.1.0", "--beside-class-path", folder + File.pathSeparator + jar));

        assertThat(given.beside()).isEqualTo(new Beside("0.1.0", List.of(folder.toRealPath(), jar.toRealPath())));
        assertThat(Options.parse(List.of()).beside()).isNull();
    }

    @Test
    void parse_refusesAnotherVersion_thatIsNotThere() {
        assertThatThrownBy(() -> Options.parse(List.of("--beside", "0.1.0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("scripts/torture");
        assertThatThrownBy(() -> Options.parse(List.of("--beside", "0.1.0", "--beside-class-path", "no/such.jar")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no/such.jar");
    }

    @Test
    void parse_refusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> Options.parse(List.of("--hours", "1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--hours");
        assertThatThrownBy(() -> Options.parse(List.of("--seed"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Options.parse(List.of("--database", "oracle")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Options.parse(List.of("--minutes", "0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.5 to 10000");
    }
}
