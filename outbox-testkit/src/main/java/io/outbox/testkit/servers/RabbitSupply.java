package io.outbox.testkit.servers;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where RabbitMQ comes from. Thread-safe. */
final class RabbitSupply extends Supply<RabbitServer> {
    RabbitSupply() {
        super("RabbitMQ", "OUTBOX_TEST_RABBITMQ_URI");
    }

    @Override
    RabbitServer external(ExternalServer control, String address) {
        return new RabbitServer(control, true, URI.create(address));
    }

    @Override
    RabbitServer docker(Map<String, String> settings, boolean isShared) {
        if (!settings.isEmpty()) {
            throw new UnsupportedOperationException("settings of RabbitMQ in Docker: use rabbitmqctl instead");
        }
        int port = FreePort.pick();
        URI uri = URI.create("amqp://guest:guest@" + DockerServer.address(port));
        DockerServer server = new DockerServer(
                "RabbitMQ",
                port,
                new DockerImage(DockerImage.RABBITMQ, 5_672, List.of(), Map.of()),
                () -> RabbitServer.problem(uri));
        server.start();
        return new RabbitServer(server, isShared, uri);
    }

    @Override
    @Nullable
    String localProblem() {
        String platform = platformProblem();
        return platform == null ? LocalRabbit.problem() : platform;
    }

    @Override
    RabbitServer local(Map<String, String> settings, boolean isShared) {
        LocalRabbit server = new LocalRabbit(settings);
        server.start();
        return new RabbitServer(server, isShared, server.uri());
    }
}
