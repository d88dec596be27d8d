package io.outbox.torture;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/**
 * How many workers of a kind said at their start which version of the library they have loaded.
 *
 * @param ofThis this version
 * @param ofOther the version beside it
 * @param mixed some modules of this and some of that version, which must not be
 */
public record Starts(int ofThis, int ofOther, int mixed) {

    /** Counts by where each of them has the library's modules from. */
    static Starts of(List<List<Path>> told, Collection<Path> other) {
        int ofThis = 0;
        int ofOther = 0;
        for (List<Path> locations : told) {
            long from = locations.stream().filter(other::contains).count();
            ofThis += from == 0 ? 1 : 0;
            ofOther += from == locations.size() ? 1 : 0;
        }
        return new Starts(ofThis, ofOther, told.size() - ofThis - ofOther);
    }

    int all() {
        return ofThis + ofOther + mixed;
    }

    boolean isOfBoth() {
        return ofThis > 0 && ofOther > 0 && mixed == 0;
    }
}
