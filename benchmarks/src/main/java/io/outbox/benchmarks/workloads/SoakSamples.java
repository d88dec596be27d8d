package io.outbox.benchmarks.workloads;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The samples of a soak, which are written to a file as they come. Confined to one thread. */
final class SoakSamples implements AutoCloseable {
    private final Map<SoakFigure, List<Double>> values = new EnumMap<>(SoakFigure.class);
    private final PrintWriter csv;

    /** Begins a file, in place of an older one. */
    SoakSamples(Path file) {
        try {
            csv = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write samples to " + file, e);
        }
        csv.println("seconds,handled,"
                + Arrays.stream(SoakFigure.values()).map(SoakFigure::text).collect(Collectors.joining(",")));
    }

    /** Adds a sample of all figures. */
    void add(double seconds, long handled, Map<SoakFigure, Double> sample) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%.1f,%d", seconds, handled));
        for (SoakFigure figure : SoakFigure.values()) {
            double value = sample.getOrDefault(figure, Double.NaN);
            values.computeIfAbsent(figure, name -> new ArrayList<>()).add(value);
            line.append(String.format(Locale.ROOT, ",%.2f", value));
        }
        csv.println(line);
        csv.flush();
    }

    /** Judges each figure. */
    List<SoakFigure.Verdict> verdicts() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey().judge(entry.getValue()))
                .toList();
    }

    @Override
    public void close() {
        csv.close();
    }
}
