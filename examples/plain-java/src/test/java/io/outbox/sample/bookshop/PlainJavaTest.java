package io.outbox.sample.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The command line, as far as it needs no server. */
class PlainJavaTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return PlainJava.run(new PrintStream(out, true, StandardCharsets.UTF_8), arguments);
    }

    @Test
    void help_explainsTheOptions() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("--postgresql URL");
    }

    @Test
    void wrongArguments_areNamed() {
        assertThat(run("--nonsense")).isEqualTo(2);
        assertThat(run("--rabbitmq")).isEqualTo(2);
        assertThat(run("--orders", "many")).isEqualTo(2);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("unknown option --nonsense", "--rabbitmq needs a value");
    }
}
