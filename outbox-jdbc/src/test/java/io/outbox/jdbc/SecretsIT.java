package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outbox.Message;
import io.outbox.consumer.DedupExpiry;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.internal.CapturedLogs;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Payloads, header values and passwords stay out of logs, errors and texts, whatever fails. */
class SecretsIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String SECRET = "s3cret-4711";

    /** Fails in each way that there is, one message after the other. */
    private static final class Failing implements Publisher {
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public void publish(StoredMessage message, Confirmation confirmation) {
            RuntimeException cause = new IllegalStateException("broken", new ArithmeticException());
            switch (calls.getAndIncrement() % 5) {
                case 0 -> confirmation.complete(PublishOutcome.rejectedForNow(cause));
                case 1 -> confirmation.complete(PublishOutcome.rejectedForGood(cause));
                case 2 -> confirmation.complete(PublishOutcome.channelUnavailable(cause));
                case 3 -> confirmation.complete(PublishOutcome.destinationUnavailable(cause));
                default -> throw cause;
            }
        }

        @Override
        public boolean keepsOrder() {
            return false;
        }

        @Override
        public void close() {}
    }

    @ParameterizedTest
    @EnumSource(
            value = Engine.class,
            names = {"POSTGRESQL", "MARIADB", "H2"})
    void aRelayThatFailsInEveryWay_logsNoPayloadsAndNoHeaders(Engine engine) throws SQLException {
        try (RelaySetting setting = new RelaySetting(engine.freshDatabase());
                CapturedLogs logs = new CapturedLogs()) {
            for (int i = 0; i < 20; i++) {
                publish(setting);
            }
            Failing publisher = new Failing();
            setting.start(setting.relay(publisher)
                    .retryPolicy(RetryPolicy.defaults().withDelays(Duration.ofMillis(10), Duration.ofMillis(50))));
            await().atMost(LONG).until(() -> publisher.calls.get() > 15);
            try (Connection connection = setting.dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("alter table outbox_parked rename to outbox_elsewhere");
                await().atMost(LONG)
                        .until(() -> logs.lines().stream()
                                .anyMatch(line ->
                                        line.contains("failed") && line.contains("table or column is missing")));
                statement.execute("alter table outbox_elsewhere rename to outbox_parked");
                await().atMost(LONG).until(() -> logs.lines().stream().anyMatch(line -> line.contains("works again")));
                statement.execute("alter table outbox_message rename to outbox_elsewhere");
                assertThatThrownBy(() -> publish(setting)).satisfies(SecretsIT::tellsNothing);
                statement.execute("alter table outbox_elsewhere rename to outbox_message");
            }
            for (ParkedMessage parked : setting.store.list(ParkedQuery.deadLetters())) {
                assertThat(parked.toString()).doesNotContain("4711");
            }
            assertThat(logs.lines()).isNotEmpty().noneMatch(line -> line.contains("4711"));
        }
    }

    @Test
    void anExpiryThatFails_logsNoPassword() {
        try (CapturedLogs logs = new CapturedLogs();
                DedupExpiry expiry = DedupExpiry.builder(JdbcDedupStore.of(unreachable()), Duration.ofDays(8))
                        .interval(Duration.ofMillis(10))
                        .start()) {
            await().atMost(LONG)
                    .until(() -> logs.lines().stream().anyMatch(line -> line.contains("cannot be forgotten")));

            assertThat(expiry.forgotten()).isZero();
            assertThat(logs.lines()).noneMatch(line -> line.contains("4711"));
        }
    }

    /** On MariaDB, since the PostgreSQL that tests start may let everybody of this machine in. */
    @Test
    void aWrongPassword_isNotTold() {
        Engine.Address address = Engine.MARIADB.freshDatabase();
        String inUrl = address.url() + (address.url().contains("?") ? "&" : "?") + "user=" + address.user()
                + "&password=" + SECRET;
        String noDriver = "jdbc:nosuch://127.0.0.1/x?password=" + SECRET;
        String noServer = inUrl.replaceFirst(":[0-9]+/", ":1/");
        try (CapturedLogs logs = new CapturedLogs()) {
            assertThatThrownBy(() -> JdbcOutboxStore.ofUrl(address.url(), "nobody", SECRET, TableNames.standard()))
                    .satisfies(SecretsIT::tellsNothing);
            for (String url :
                    List.of(inUrl, noDriver, noServer, "jdbc:postgresql://127.0.0.1:1/x?password=" + SECRET)) {
                assertThatThrownBy(() -> JdbcOutboxStore.ofUrl(url, null, null, TableNames.standard()))
                        .satisfies(SecretsIT::tellsNothing);
                assertThat(command("verify", "--url", url)).doesNotContain("4711");
            }
            assertThat(command("create", "--url", address.url(), "--user", "nobody", "--password-env", "PASSWORD"))
                    .doesNotContain("4711");
            assertThat(logs.lines()).noneMatch(line -> line.contains("4711"));
        }
    }

    @Test
    void texts_nameNoPayloadsAndNoHeaders() {
        Message message = Message.to("orders")
                .key("k")
                .type("t")
                .header("authorization", SECRET)
                .payload(SECRET)
                .build();
        ReceivedMessage received = new ReceivedMessage(
                "1",
                "orders",
                "k",
                "t",
                null,
                null,
                null,
                Map.of("authorization", SECRET),
                SECRET.getBytes(StandardCharsets.UTF_8),
                1);

        assertThat(message + " " + received).contains("orders").doesNotContain("4711");
    }

    private static org.postgresql.ds.PGSimpleDataSource unreachable() {
        org.postgresql.ds.PGSimpleDataSource dataSource = new org.postgresql.ds.PGSimpleDataSource();
        dataSource.setUrl("jdbc:postgresql://127.0.0.1:1/x?user=shop&password=" + SECRET);
        return dataSource;
    }

    private static void publish(RelaySetting setting) {
        setting.transactions.inTransaction(
                connection -> setting.outbox.publishAll(connection, List.of(secret(setting), secret(setting))));
    }

    private static Message secret(RelaySetting setting) {
        return setting.message("k" + SECRET.hashCode() % 7)
                .header("authorization", SECRET)
                .payload("{\"card\":\"" + SECRET + "\"}")
                .build();
    }

    private static String command(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        assertThat(new SchemaCommand(Map.of("PASSWORD", SECRET)::get, stream, stream).run(arguments))
                .isNotZero();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void tellsNothing(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        assertThat(text.toString()).doesNotContain("4711");
    }
}
