package io.outbox.testkit.servers;

import org.jspecify.annotations.Nullable;

/** Asks a server whether it answers. */
@FunctionalInterface
interface Probe {

    /** Returns null if the server answers, otherwise what is wrong. */
    @Nullable
    String problem();
}
