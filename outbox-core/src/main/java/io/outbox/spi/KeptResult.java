package io.outbox.spi;

import static java.util.Objects.requireNonNull;

/**
 * The result of work that takes effect once, as a {@link DedupStore} keeps it. Immutable by convention: the arrays are not copied.
 *
 * @param contentHash tells whether a repetition asks for the same, 32 bytes
 * @param result the encoded result, up to 1 MiB
 */
public record KeptResult(byte[] contentHash, byte[] result) {
    /** Checks that nothing is missing. */
    public KeptResult {
        requireNonNull(contentHash, "contentHash");
        requireNonNull(result, "result");
    }

    /** Tells the size; never the content. */
    @Override
    public String toString() {
        return "result of " + result.length + " bytes";
    }
}
