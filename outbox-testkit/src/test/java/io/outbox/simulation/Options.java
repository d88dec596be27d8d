package io.outbox.simulation;

import java.time.Duration;

/** What differs from seed to seed, apart from all that happens. */
record Options(
        boolean publisherKeepsOrder,
        boolean archives,
        boolean deadLettersBlock,
        boolean databaseTellsWriters,
        boolean commitsWake,
        int groups,
        int batchSize,
        Duration leaseTime,
        Duration sweepInterval) {

    static Options drawn(World world) {
        return new Options(
                world.oneIn(2),
                world.oneIn(4),
                world.oneIn(4),
                !world.oneIn(5),
                world.oneIn(2),
                world.oneIn(4) ? 2 : 1,
                world.oneIn(2) ? 100 : 1 + world.random.nextInt(20),
                Duration.ofSeconds(world.oneIn(2) ? 2 : 4),
                Duration.ofSeconds(world.oneIn(2) ? 20 : 600));
    }
}
