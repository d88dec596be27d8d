package io.outbox.torture;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another version of the library, which some of the workers run with.
 *
 * @param name what a report calls it
 * @param classPath what holds that version's library, and maybe workers that are compiled against it; real paths
 */
public record Beside(String name, List<Path> classPath) {

    /** Copies. */
    public Beside {
        classPath = List.copyOf(classPath);
        if (classPath.isEmpty()) {
            throw new IllegalArgumentException("no class path of " + name);
        }
    }

    static Beside parse(String name, String classPath) {
        List<Path> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            try {
                entries.add(Path.of(entry).toRealPath());
            } catch (IOException e) {
                throw new IllegalArgumentException("cannot read what holds " + name + ": " + entry, e);
            }
        }
        return new Beside(name, entries);
    }
}
