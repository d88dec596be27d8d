package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.Statement;
import javax.sql.DataSource;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.command.core.UpdateCommandStep;
import liquibase.command.core.helpers.DbUrlConnectionArgumentsCommandStep;
import liquibase.ui.LoggerUIService;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables made by Flyway and by Liquibase from what ships. */
@ParameterizedClass
@EnumSource(
        value = Engine.class,
        names = {"POSTGRESQL", "MARIADB", "H2"})
class MigrationToolsIT {
    private final Engine engine;
    private Engine.Address address;
    private HikariDataSource dataSource;

    MigrationToolsIT(Engine engine) {
        this.engine = engine;
    }

    @BeforeEach
    void makeDatabaseInUse() throws Exception {
        address = engine.freshDatabase();
        dataSource = address.pool(true);
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table customer (id integer not null primary key)");
        }
    }

    @AfterEach
    void close() {
        dataSource.close();
    }

    @Test
    void flyway_makesTheTables() {
        assertThat(migrate(dataSource, engine.dialect()).migrationsExecuted).isPositive();
        assertThat(migrate(dataSource, engine.dialect()).migrationsExecuted).isZero();

        assertThatTablesWork();
    }

    private static MigrateResult migrate(DataSource dataSource, String database) {
        // tag::flyway[]
        MigrateResult result = Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:io/outbox/jdbc/migrations/" + database) // postgresql, mariadb, mysql or h2
                .table("outbox_migrations") // beside the history of your own migrations, which have a version 1 too
                .baselineOnMigrate(true) // the database has tables already
                .baselineVersion("0")
                .load()
                .migrate();
        // end::flyway[]
        return result;
    }

    @Test
    void liquibase_makesTheTables() throws Exception {
        update();
        update();

        assertThatTablesWork();
    }

    private void update() throws Exception {
        Scope.child(
                Scope.Attr.ui,
                new LoggerUIService(),
                () -> new CommandScope(UpdateCommandStep.COMMAND_NAME)
                        .addArgumentValue(UpdateCommandStep.CHANGELOG_FILE_ARG, "changelog-of-an-application.xml")
                        .addArgumentValue(DbUrlConnectionArgumentsCommandStep.URL_ARG, address.url())
                        .addArgumentValue(DbUrlConnectionArgumentsCommandStep.USERNAME_ARG, address.user())
                        .addArgumentValue(DbUrlConnectionArgumentsCommandStep.PASSWORD_ARG, address.password())
                        .execute());
    }

    private void assertThatTablesWork() {
        assertThatCode(OutboxSchema.of(dataSource)::verify).doesNotThrowAnyException();
        try (RelaySetting setting = new RelaySetting(address)) {
            setting.startRelay();
            setting.publish("k");
            await().until(() -> setting.arrived().size() == 1);
        }
    }
}
