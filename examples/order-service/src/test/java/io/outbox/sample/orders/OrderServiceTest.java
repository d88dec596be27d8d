package io.outbox.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The command line, as far as it needs no server. */
class OrderServiceTest {
    @Test
    void help_explainsTheSettings() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(OrderService.run(new PrintStream(out, true, StandardCharsets.UTF_8), 1, "--help"))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("--spring.kafka.bootstrap-servers=LIST");
    }
}
