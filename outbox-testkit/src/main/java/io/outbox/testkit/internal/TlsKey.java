package io.outbox.testkit.internal;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A key with a certificate that it has signed itself, for a server on {@code localhost} and 127.0.0.1, valid for two days:
 * made by the JDK's keytool, and written in the forms that servers and clients ask for. Immutable.
 */
public final class TlsKey {
    private final Path directory;
    private final String name;
    private final String password;

    private TlsKey(Path directory, String name, String password) {
        this.directory = directory;
        this.name = name;
        this.password = password;
    }

    /**
     * Makes a key; its files begin with its name.
     *
     * @param directory where the files go
     * @param name tells this key from others in the directory
     * @param password of the key and of the stores, at least six characters
     * @return the key
     * @throws IllegalStateException when it cannot be made
     */
    public static TlsKey create(Path directory, String name, String password) {
        TlsKey key = new TlsKey(
                requireNonNull(directory, "directory"),
                requireNonNull(name, "name"),
                requireNonNull(password, "password"));
        try {
            key.generate();
            KeyStore store = key.load(key.keyStore());
            Certificate certificate = store.getCertificate(name);
            writePem(key.certificate(), "CERTIFICATE", certificate.getEncoded());
            writePem(
                    key.privateKey(),
                    "PRIVATE KEY",
                    store.getKey(name, password.toCharArray()).getEncoded());
            key.writeTrustStore(certificate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make the key " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the key " + name + " was made", e);
        }
        return key;
    }

    /**
     * Returns what a server in Java reads.
     *
     * @return a PKCS #12 file with the key and its certificate
     */
    public Path keyStore() {
        return directory.resolve(name + ".p12");
    }

    /**
     * Returns what a client in Java reads.
     *
     * @return a PKCS #12 file with the certificate, to be trusted
     */
    public Path trustStore() {
        return directory.resolve(name + "-trusted.p12");
    }

    /**
     * Returns the certificate.
     *
     * @return a PEM file
     */
    public Path certificate() {
        return directory.resolve(name + "-cert.pem");
    }

    /**
     * Returns the private key, without a password.
     *
     * @return a PEM file
     */
    public Path privateKey() {
        return directory.resolve(name + "-key.pem");
    }

    /**
     * Returns what a client takes that is given no files.
     *
     * @return a context that trusts this certificate and no other
     */
    public SSLContext trusting() {
        try {
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(load(trustStore()));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot trust the key " + name, e);
        }
    }

    private void generate() throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-validity",
                        "2",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keyStore().toString(),
                        "-storepass",
                        password)
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool does not make the key " + name + ": " + output);
        }
    }

    private KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password.toCharArray());
        }
        return store;
    }

    private void writeTrustStore(Certificate certificate) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(name, certificate);
        try (OutputStream out = Files.newOutputStream(trustStore())) {
            trusted.store(out, password.toCharArray());
        }
    }

    private static void writePem(Path file, String type, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }
}
