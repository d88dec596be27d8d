package io.outbox.simulation;

import java.util.stream.LongStream;

/** Prints for each planted bug the first seed that finds it, for the list in PlantedBugsTest. */
final class FindPlantedBugs {
    private FindPlantedBugs() {}

    public static void main(String[] args) {
        long most = args.length > 0 ? Long.parseLong(args[0]) : 2000;
        String named = args.length > 1 ? args[1] : "";
        for (PlantedBug bug : PlantedBug.values()) {
            if (!bug.name().contains(named)) {
                continue;
            }
            String seed = LongStream.rangeClosed(1, most)
                    .filter(bug::isFoundBy)
                    .mapToObj(Long::toString)
                    .findFirst()
                    .orElse("none up to " + most);
            System.out.println(bug + " " + seed);
        }
    }
}
