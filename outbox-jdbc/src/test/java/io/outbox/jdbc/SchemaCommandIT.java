package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The command line. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class SchemaCommandIT {
    private final Engine engine;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Engine.Address address;

    SchemaCommandIT(Engine engine) {
        this.engine = engine;
    }

    @BeforeEach
    void makeDatabase() {
        address = engine.freshDatabase();
    }

    private int run(String... arguments) {
        out.reset();
        err.reset();
        return new SchemaCommand(
                        Map.of("SECRET", address.password())::get,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(arguments);
    }

    private int runOnDatabase(String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--url", address.url(), "--user", address.user(), "--password-env", "SECRET"));
        return run(all.toArray(String[]::new));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void create_makesTablesThatAStoreCanUse() {
        String[] schema = engine.hasSchemas() ? new String[] {"--schema", "app"} : new String[0];
        assertThat(runOnDatabase(with(schema, "create", "--prefix", "q_", "--shards", "4")))
                .isZero();
        assertThat(out()).contains("version 1");
        assertThat(runOnDatabase(with(schema, "verify", "--prefix", "q_"))).isZero();
        assertThat(runOnDatabase(with(schema, "upgrade", "--prefix", "q_"))).isZero();

        try (HikariDataSource dataSource = address.pool(true)) {
            TableNames names = new TableNames(engine.hasSchemas() ? "app" : null, "q_");
            assertThat(JdbcOutboxStore.of(dataSource, names).shards()).isEqualTo(4);
        }
    }

    private static String[] with(String[] schema, String... arguments) {
        return Stream.concat(Arrays.stream(arguments), Arrays.stream(schema)).toArray(String[]::new);
    }

    @Test
    void verify_ofNothing_saysWhatToRun() {
        assertThat(runOnDatabase("verify")).isEqualTo(1);
        assertThat(err()).contains("outbox_message", "OutboxSchema create");
    }

    @Test
    void print_needsNoDatabase() {
        String name = engine.dialect();
        assertThat(run("print", "--database", name, "--prefix", "q_", "--shards", "7"))
                .isZero();
        assertThat(out()).contains("q_message").contains("select 1, 1, 7").doesNotContain("{");
    }

    @Test
    void wrongArguments_areAnsweredWithTheUsage() {
        assertThat(run()).isEqualTo(2);
        assertThat(err()).startsWith("no command").contains("usage:");
        assertThat(run("destroy")).isEqualTo(2);
        assertThat(err()).startsWith("unknown command 'destroy'");
        assertThat(run("create")).isEqualTo(2);
        assertThat(err()).startsWith("--url is missing");
        assertThat(run("create", "--url")).isEqualTo(2);
        assertThat(err()).startsWith("--url needs a value");
        assertThat(run("create", "--password", "x")).isEqualTo(2);
        assertThat(err()).startsWith("unknown option '--password'");
        assertThat(run("create", "--url", address.url(), "--password-env", "NOT_SET"))
                .isEqualTo(2);
        assertThat(err()).startsWith("the environment variable NOT_SET is not set");
        assertThat(run("print", "--database", "dbase")).isEqualTo(2);
        assertThat(err()).startsWith("database must be postgresql, mariadb, mysql, sqlite, sqlserver, oracle or h2");
        assertThat(runOnDatabase("create", "--shards", "many")).isEqualTo(2);
        assertThat(err()).startsWith("--shards must be a number");
        assertThat(runOnDatabase("create", "--shards", "0")).isEqualTo(2);
        assertThat(err()).startsWith("shards must be 1 to 4096");
        assertThat(runOnDatabase("create", "--prefix", "x; drop table y --")).isEqualTo(2);
        assertThat(err()).startsWith("prefix must match");
    }

    @Test
    void anUnreachableDatabase_isReported() {
        assertThat(run("verify", "--url", "jdbc:postgresql://127.0.0.1:1/none")).isEqualTo(1);
        assertThat(err()).startsWith("could not verify the outbox tables (SQLState 08001");
        assertThat(run("verify", "--url", "jdbc:nothing:x")).isEqualTo(1);
        assertThat(err()).contains("No suitable driver");
    }
}
