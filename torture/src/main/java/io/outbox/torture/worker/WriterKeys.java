package io.outbox.torture.worker;

import java.util.List;
import java.util.stream.IntStream;

/** The keys of a run. */
public final class WriterKeys {
    /** How many. */
    static final int COUNT = 40;

    private WriterKeys() {}

    /** Returns all of them; each has a row before the first writer starts. */
    public static List<String> all() {
        return IntStream.range(0, COUNT).mapToObj(Numbered::key).toList();
    }
}
