package io.outbox.torture.worker;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The keys of a run. */
public final class WriterKeys {
    private static final int COUNT = 40;
    /** Every so many keys there is one that is written on the second channel too. */
    private static final int ONE_IN_ON_BOTH = 3;

    private static final List<String> ALL = Stream.concat(
                    IntStream.range(0, COUNT).mapToObj(Numbered::key),
                    IntStream.range(0, COUNT)
                            .filter(i -> i % ONE_IN_ON_BOTH == 0)
                            .mapToObj(i -> Numbered.onChannel(Numbered.key(i), Names.SECOND_CHANNEL)))
            .toList();

    private WriterKeys() {}

    /** Returns all of them; each has a row before the first writer starts. */
    public static List<String> all() {
        return ALL;
    }
}
