package io.outbox.testkit.servers;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where servers of one product come from: the environment, Docker, or processes of this machine, in this order.
 *
 * <p>Thread-safe: {@code this} guards the shared server.
 */
abstract class Supply<S extends TestServer> {

    /** Restricts where servers come from: {@code docker} or {@code local}. */
    static final String MODE = "OUTBOX_TEST_SERVERS";

    private static final Logger log = LoggerFactory.getLogger(Supply.class);

    private final String product;
    private final String variable;
    private @Nullable S shared;

    Supply(String product, String variable) {
        this.product = product;
        this.variable = variable;
    }

    /** Makes a handle for the server at the address that the environment gives. */
    abstract S external(ExternalServer control, String address);

    /** Starts a server in Docker. */
    abstract S docker(Map<String, String> settings, boolean isShared);

    /** Returns null if a process of this machine can be the server, otherwise what to install. */
    abstract @Nullable String localProblem();

    /** Starts a server as a process of this machine. */
    abstract S local(Map<String, String> settings, boolean isShared);

    /** Returns the server of the whole JVM, and starts it at the first call that succeeds. */
    final synchronized S shared() {
        if (shared == null) {
            String address = System.getenv(variable);
            shared = address != null && !address.isBlank()
                    ? external(new ExternalServer(product, variable), address.strip())
                    : start(Map.of(), true);
        }
        return shared;
    }

    /** Starts a server for the caller alone. */
    final S create(Map<String, String> settings) {
        return start(Map.copyOf(settings), false);
    }

    private S start(Map<String, String> settings, boolean isShared) {
        String mode = System.getenv().getOrDefault(MODE, "").strip().toLowerCase(Locale.ROOT);
        if (!mode.isEmpty() && !mode.equals("docker") && !mode.equals("local")) {
            throw new IllegalStateException(MODE + " must be docker or local, was " + mode);
        }
        String dockerProblem = mode.equals("local") ? MODE + " is local" : dockerProblem();
        if (dockerProblem == null) {
            log.info("{} comes from Docker", product);
            return docker(settings, isShared);
        }
        String localProblem = mode.equals("docker") ? MODE + " is docker" : localProblem();
        if (localProblem == null) {
            return local(settings, isShared);
        }
        throw new IllegalStateException(
                "no " + product + " for this test. Give one of these three: a server, by setting " + variable
                        + "; or Docker: " + dockerProblem + "; or a private process: " + localProblem);
    }

    private static @Nullable String dockerProblem() {
        return DockerEngine.problem(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** Returns null if this operating system can run private servers, otherwise why not. */
    static @Nullable String platformProblem() {
        String system = System.getProperty("os.name");
        return system.equals("Linux") ? null : "private processes are supported on Linux only, this is " + system;
    }
}
