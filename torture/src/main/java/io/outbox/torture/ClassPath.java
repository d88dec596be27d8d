package io.outbox.torture;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a JVM finds its classes in.
 *
 * @param entries jars and folders, the first comes first
 */
record ClassPath(List<Path> entries) {

    ClassPath {
        entries = List.copyOf(entries);
    }

    /** Returns that of this JVM. */
    static ClassPath own() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new ClassPath(
                Stream.of(path.split(File.pathSeparator)).map(Path::of).toList());
    }

    /**
     * Returns it with others in place of some entries. None of those stays behind the others: a class that only they have
     * must not be found.
     *
     * @param replaced real paths
     * @param others what comes instead, in front
     * @throws IllegalStateException when one of those to be replaced is not here
     */
    ClassPath with(Collection<Path> replaced, List<Path> others) {
        List<Path> kept = new ArrayList<>();
        List<Path> missing = new ArrayList<>(replaced);
        for (Path entry : entries) {
            if (replaced.contains(real(entry))) {
                missing.remove(real(entry));
            } else {
                kept.add(entry);
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("not on the class path, so it cannot be replaced: " + missing);
        }
        kept.addAll(0, others);
        return new ClassPath(kept);
    }

    /** Writes it as an option for the command {@code java}, which takes files of them. */
    Path write(Path file) {
        String path = entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        try {
            return Files.writeString(file, "-cp \"" + path.replace("\\", "\\\\") + "\"\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    private static Path real(Path entry) {
        try {
            return Files.exists(entry) ? entry.toRealPath() : entry;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + entry, e);
        }
    }
}
