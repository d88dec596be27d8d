package io.outbox.sample.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The command line, as far as it needs no server. */
class PaymentCallbackTest {
    @Test
    void help_explainsTheSettings() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(PaymentCallback.run(new PrintStream(out, true, StandardCharsets.UTF_8), 1, "--help"))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("--spring.datasource.url=URL");
    }
}
