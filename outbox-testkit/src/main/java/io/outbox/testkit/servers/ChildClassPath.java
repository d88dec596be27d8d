package io.outbox.testkit.servers;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;

/**
 * The class path of this JVM, for a child JVM that runs a server: all jars, and of the directories only the one with
 * this class, so that a test's own classes and logging configuration stay away from the server.
 *
 * <p>Jars that only list others in their manifest, as Surefire makes them, are followed, and so is a class loader with
 * URLs, as {@code exec:java} uses.
 */
final class ChildClassPath {

    private final Set<Path> entries = new LinkedHashSet<>();

    private ChildClassPath() {}

    /** Returns the class path in the form of the {@code -cp} option. */
    static String ofThisJvm() {
        ChildClassPath path = new ChildClassPath();
        CodeSource own = ChildClassPath.class.getProtectionDomain().getCodeSource();
        if (own != null) {
            path.add(own.getLocation(), true);
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            path.add(Path.of(entry), false);
        }
        for (ClassLoader loader = ChildClassPath.class.getClassLoader(); loader != null; loader = loader.getParent()) {
            if (loader instanceof URLClassLoader urls) {
                for (URL url : urls.getURLs()) {
                    path.add(url, false);
                }
            }
        }
        return path.entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private void add(URL url, boolean directoryToo) {
        try {
            if (url.getProtocol().equals("file")) {
                add(Path.of(url.toURI()), directoryToo);
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException("cannot use " + url + " on a class path", e);
        }
    }

    private void add(Path entry, boolean directoryToo) {
        Path absolute = entry.toAbsolutePath().normalize();
        boolean wanted = Files.isDirectory(absolute) ? directoryToo : Files.isRegularFile(absolute);
        if (wanted && entries.add(absolute) && !Files.isDirectory(absolute)) {
            followManifest(absolute);
        }
    }

    private void followManifest(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            String listed = file.getManifest() == null
                    ? null
                    : file.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            if (listed == null) {
                return;
            }
            URI base = jar.toUri();
            for (String relative : listed.strip().split("\\s+")) {
                add(base.resolve(relative).toURL(), false);
            }
        } catch (MalformedURLException | IllegalArgumentException e) {
            throw new IllegalStateException("the manifest of " + jar + " has a bad Class-Path", e);
        } catch (IOException e) {
            // not a jar: nothing to follow
        }
    }
}
