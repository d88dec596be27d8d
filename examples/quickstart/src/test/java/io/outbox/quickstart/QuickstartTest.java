package io.outbox.quickstart;

import static io.outbox.quickstart.ReportAssert.assertBalances;
import static io.outbox.quickstart.ReportAssert.assertWasTroubled;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program on its defaults: H2 and the in-process broker. */
class QuickstartTest {
    private static final String ORDER =
            "{\"id\":\"%s\",\"customer\":\"c1\",\"items\":[{\"sku\":\"PEN\",\"quantity\":1,\"priceCents\":120}],"
                    + "\"amountCents\":120,\"currency\":\"EUR\"}";

    @TempDir
    Path directory;

    @Test
    void run_withoutOptions_chargesEachShippedOrderOnce() {
        Ran ran = Ran.with();

        assertBalances(ran, 10_000);
        assertThat(ran.figure("delivered")).isEqualTo(10_000);
        assertThat(ran.figure("malformed lines")).isZero();
    }

    @Test
    void run_withChaos_balances() {
        Ran ran = Ran.with("--chaos");

        assertBalances(ran, 10_000);
        assertWasTroubled(ran);
    }

    @Test
    void run_withMalformedLines_reportsThemAndChargesTheRest() throws IOException {
        String lines = ORDER.formatted("o-1") + "\n" + "{\"id\":\n" + ORDER.formatted("o-3") + "\n"
                + ORDER.formatted("o-1") + "\n" + ORDER.formatted("o-5").replace("120,\"currency", "-1,\"currency");
        Path file = Files.writeString(directory.resolve("orders.jsonl"), lines);

        Ran ran = Ran.with("--orders", file.toString());

        assertBalances(ran, 2);
        assertThat(ran.figure("malformed lines")).isEqualTo(3);
        assertThat(ran.out())
                .contains("line 2: not JSON", "line 4: another line has the same order id")
                .contains("line 5: amountCents must be a whole number above 0");
    }

    @Test
    void run_withMoreMalformedLinesThanFitTheReport_showsTheFirst() throws IOException {
        Path file = Files.writeString(directory.resolve("orders.jsonl"), "nothing\n".repeat(5_000));

        Ran ran = Ran.with("--orders", file.toString());

        assertBalances(ran, 0);
        assertThat(ran.figure("malformed lines")).isEqualTo(5_000);
        assertThat(ran.out()).contains("line 20: not JSON", "and 4,980 more").doesNotContain("line 21:");
    }

    @Test
    void run_onStandardInput_readsIt() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(ORDER.formatted("o-1").getBytes(StandardCharsets.UTF_8)));
        try {
            assertBalances(Ran.with("--orders", "-"), 1);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void run_withHelp_explainsItself() {
        Ran ran = Ran.with("--chaos", "--help");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).startsWith("usage: scripts/quickstart");
    }

    @ParameterizedTest
    @CsvSource({
        "--verbose, unknown option --verbose",
        "--orders, --orders needs a value",
        "--orders --chaos, --orders needs a value",
        "--real --kafka localhost:9092, --real starts its own servers",
        "--user me, --user and --password go with --postgresql",
        "--postgresql localhost, --postgresql needs a URL",
        "--orders /no/such/file, cannot read the orders"
    })
    void run_calledWrongly_saysWhatIsWrong(String arguments, String reason) {
        Ran ran = Ran.with(arguments.split(" "));

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains(reason);
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void run_onADatabaseThatIsNotThere_fails() {
        Ran ran = Ran.with("--postgresql", "jdbc:postgresql://127.0.0.1:1/none");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("failed");
    }

    @Test
    void shippedOrders_areThoseOfTheGenerator() throws IOException {
        OrdersGenerator generator = new OrdersGenerator();
        StringBuilder expected = new StringBuilder();
        for (int number = 1; number <= 10_000; number++) {
            expected.append(generator.next(number)).append('\n');
        }

        try (InputStream shipped = Quickstart.class.getResourceAsStream("/orders.jsonl")) {
            assertThat(new String(shipped.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(expected.toString());
        }
    }
}
