package io.outbox.testkit.servers;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where Kafka comes from. Thread-safe. */
final class KafkaSupply extends Supply<KafkaServer> {

    private static final int CONTROLLER_PORT = 9_093;

    private final UnaryOperator<String> advertised;

    KafkaSupply() {
        this(UnaryOperator.identity());
    }

    /** A supply of servers that tell their clients another address than their own. */
    KafkaSupply(UnaryOperator<String> advertised) {
        super("Kafka", "OUTBOX_TEST_KAFKA_BOOTSTRAP");
        this.advertised = advertised;
    }

    @Override
    KafkaServer external(ExternalServer control, String address) {
        return new KafkaServer(control, true, address);
    }

    @Override
    KafkaServer docker(Map<String, String> settings, boolean isShared) {
        int port = FreePort.pick();
        String address = DockerServer.address(port);
        // the same port inside and outside, since the broker's own clients use the advertised address too
        Map<String, String> place = Map.of(
                "controller.quorum.voters", "1@localhost:" + CONTROLLER_PORT,
                "listeners", "PLAINTEXT://0.0.0.0:" + port + ",CONTROLLER://localhost:" + CONTROLLER_PORT,
                "advertised.listeners", "PLAINTEXT://" + advertised.apply(address));
        Map<String, String> environment = KafkaSettings.environment(KafkaSettings.join(place, settings));
        DockerServer server = new DockerServer(
                "Kafka",
                port,
                new DockerImage(DockerImage.KAFKA, port, List.of(), environment),
                () -> KafkaServer.problem(address));
        server.start();
        return new KafkaServer(server, isShared, address);
    }

    @Override
    @Nullable
    String localProblem() {
        if (!LocalKafka.isOnClassPath()) {
            return "add org.apache.kafka:kafka_2.13 to the test class path";
        }
        return platformProblem();
    }

    @Override
    KafkaServer local(Map<String, String> settings, boolean isShared) {
        LocalKafka server = new LocalKafka(settings, advertised);
        server.start();
        return new KafkaServer(server, isShared, server.bootstrapServers());
    }
}
