package io.outbox.testkit.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a program that refuses to run as root, as PostgreSQL does, as the user {@code nobody} if this JVM runs as root,
 * and as the user of this JVM otherwise.
 */
final class OrdinaryUser {

    private static final String NOBODY = "65534";

    private OrdinaryUser() {}

    static List<String> command(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        List<String> line =
                new ArrayList<>(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
        line.addAll(command);
        return line;
    }

    /** Gives a file to the user that {@link #command} runs as. */
    static void own(Path file) throws IOException {
        if (isRoot()) {
            Files.setAttribute(file, "unix:uid", Integer.parseInt(NOBODY));
            Files.setAttribute(file, "unix:gid", Integer.parseInt(NOBODY));
        }
    }

    static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
