package io.outbox.torture;

import io.outbox.torture.faults.Target;
import io.outbox.torture.worker.Library;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the workers of a run have printed. Confined to one thread. */
final class WorkerLogs {
    /** What a JVM throws where a class was compiled against another one than it finds. */
    private static final Predicate<String> MISFIT = Pattern.compile(
                    "(NoSuchMethod|NoSuchField|AbstractMethod|NoClassDefFound|IncompatibleClassChange)Error")
            .asPredicate();

    private final Path folder;

    /** Makes the folder; logs of an earlier run are removed. */
    WorkerLogs(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    if (file.toString().endsWith(".log")) {
                        Files.delete(file);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + folder, e);
        }
    }

    /** Returns how often workers of a kind have printed a line. */
    long count(Target target, String line) {
        return find(target, line::equals).size();
    }

    /** Returns with which version workers of a kind have started. */
    Starts starts(Target target, Beside beside) {
        List<List<Path>> told = find(target, line -> !Library.told(line).isEmpty()).stream()
                .map(Library::told)
                .toList();
        return Starts.of(told, beside.classPath());
    }

    /** Returns what says that a worker or the library called what is not there. */
    List<String> misfits(Target target) {
        return find(target, MISFIT);
    }

    private List<String> find(Target target, Predicate<String> isWanted) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < target.count(); i++) {
            Path file = folder.resolve(target.place(i) + ".log");
            try (Stream<String> lines = Files.lines(file)) {
                lines.filter(isWanted).forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        return found;
    }
}
