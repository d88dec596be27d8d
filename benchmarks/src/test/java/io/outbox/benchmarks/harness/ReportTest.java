package io.outbox.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outbox.benchmarks.wire.Arrivals;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Report report = new Report("drain", "messages/s", Contenders.OURS);

    private void run(String contender, double rate, long arrived, long disorder) {
        Arrivals arrivals = new Arrivals(10, arrived, 1, disorder, new long[] {1, 2});
        report.add(new RunResult(contender, rate, arrivals, Map.of("rate", rate)));
    }

    private JsonNode lastLine() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        report.print(new PrintStream(out, true, StandardCharsets.UTF_8), Map.of("runs", "3"), Map.of("java", "17"));
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        return new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }

    @Test
    void ratio_isTheMedianOfTheRatiosOfEachRun() throws IOException {
        run(Contenders.OURS, 100, 10, 0);
        run("ceiling", 200, 10, 0);
        run(Contenders.OURS, 300, 10, 0);
        run("ceiling", 300, 10, 0);
        run(Contenders.OURS, 50, 10, 0);
        run("ceiling", 25, 10, 0);

        JsonNode json = lastLine();

        assertThat(json.get("workload").asText()).isEqualTo("drain");
        assertThat(json.get("rate").asDouble()).isEqualTo(100);
        assertThat(json.get("ratio").get("ceiling").asDouble()).isEqualTo(1);
        assertThat(json.get("p99_ms").isNull()).isTrue();
        assertThat(json.get("duplicates").asInt()).isEqualTo(3);
        assertThat(json.get("runs")).hasSize(6);
        assertThat(json.get("settings").get("runs").asText()).isEqualTo("3");
        assertThat(json.get("ok").asBoolean()).isTrue();
    }

    @Test
    void lossAndDisorder_areProblems() throws IOException {
        run(Contenders.OURS, 100, 9, 2);

        assertThat(report.problems())
                .containsExactly("outbox lost 1 messages", "outbox delivered 2 messages out of order");
        assertThat(lastLine().get("ok").asBoolean()).isFalse();
    }

    @Test
    void furtherProblems_countToo() throws IOException {
        run(Contenders.OURS, 100, 10, 0);
        report.problem("threads are not flat");

        assertThat(report.problems()).containsExactly("threads are not flat");
        assertThat(lastLine().get("ok").asBoolean()).isFalse();
    }
}
