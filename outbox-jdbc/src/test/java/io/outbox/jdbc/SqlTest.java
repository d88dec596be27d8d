package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import io.outbox.spi.WriterSnapshot;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlTest {
    private static final TableNames NAMES = TableNames.standard();
    private final Dialect postgres = new PostgreSqlDialect();
    private final Dialect h2 = new H2Dialect();

    @Test
    void parameters_areNumberedByTheirPlaces() {
        Sql sql = h2.sql("select :a from {relay} where b = :b and c in (:a)", NAMES);

        assertThat(sql.text()).isEqualTo("select ? from `outbox_relay` where b = ? and c in (?)");
        assertThat(sql.parameters()).containsExactly("a", "b", "a");
    }

    @Test
    void anUnknownNameInBraces_isRefused() {
        assertThatThrownBy(() -> h2.sql("select {nothing}", NAMES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("{nothing}");
    }

    @Test
    void scripts_fallIntoStatements() {
        assertThat(SchemaScript.statements("begin\n  a;\nend;\n/\n\n-- d\nb;\n"))
                .containsExactly("begin\n  a;\nend;", "b");
        assertThat(SchemaScript.statements("-- c;\ncreate a (\n  -- d;\n  b;c\n);\n\ninsert b;  \n"))
                .containsExactly("create a (\n  b;c\n)", "insert b");
    }

    @Test
    void writers_areReadFromASnapshot() {
        assertThat(postgres.writers("5:9:5,7")).isEqualTo(WriterSnapshot.of(9, 5, 7));
        assertThat(postgres.writers("9:9:")).isEqualTo(WriterSnapshot.of(9));
        assertThat(h2.writers(null).known()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "08006, 0, true, true",
        "40001, 0, true, true",
        "40P01, 0, true, true",
        "57P01, 0, true, false",
        "57014, 0, true, false",
        "53300, 0, true, false",
        "55P03, 0, true, false",
        "25006, 0, true, false",
        "HYT00, 50200, false, true",
        "90131, 90131, false, true",
        "22001, 0, false, false",
        "23505, 0, false, false",
        "42501, 0, false, false",
        ", 0, false, false",
    })
    void errors_areSortedByTheirCodes(String state, int code, boolean passesOnPostgres, boolean passesOnH2) {
        SQLException e = new SQLException("secret value", state, code);

        StoreException onPostgres = SqlErrors.translate("append 1 messages", postgres, NAMES, e);
        StoreException onH2 = SqlErrors.translate("append 1 messages", h2, NAMES, e);

        assertThat(onPostgres instanceof TransientStoreException).isEqualTo(passesOnPostgres);
        assertThat(onH2 instanceof TransientStoreException).isEqualTo(passesOnH2);
        assertThat(onPostgres).hasMessageStartingWith("could not append 1 messages (SQLState " + state);
        assertThat(onPostgres.getMessage()).doesNotContain("secret");
        assertThat(onPostgres).hasCause(e);
    }

    @Test
    void errors_ofTransientClasses_mayPass() {
        assertThat(SqlErrors.translate("x", postgres, NAMES, new SQLTransientConnectionException("time-out")))
                .isInstanceOf(TransientStoreException.class);
        assertThat(SqlErrors.translate("x", null, new SQLTransientConnectionException("time-out")))
                .isInstanceOf(TransientStoreException.class);
        assertThat(SqlErrors.translate("x", null, new SQLException("no", "28P01")))
                .isExactlyInstanceOf(StoreException.class);
    }

    @Test
    void errors_ofABatch_areThoseOfTheRow() {
        BatchUpdateException batch = new BatchUpdateException("Batch entry 0 insert … ('secret')", "40001", new int[0]);
        SQLException row = new SQLException("deadlock", "40001");
        batch.setNextException(row);

        assertThat(SqlErrors.translate("x", postgres, NAMES, batch))
                .hasCause(row)
                .isInstanceOf(TransientStoreException.class);
    }

    @Test
    void missingTables_areToldApart() {
        for (String state : List.of("42P01", "3F000", "42703")) {
            assertThat(postgres.isUndefined(new SQLException("", state))).isTrue();
        }
        assertThat(h2.isUndefined(new SQLException("", "42S02", 42102))).isTrue();
        assertThat(h2.isUndefined(new SQLException("", "42S01", 42101))).isFalse();
        assertThat(h2.isAlreadyThere(new SQLException("", "42S01", 42101))).isTrue();
        assertThat(postgres.isAlreadyThere(new SQLException("", "42P07"))).isTrue();
        assertThat(Dialects.named("sqlite").isUndefined(new SQLException("", null, 1)))
                .isTrue();
        assertThat(Dialects.named("sqlserver").isUndefined(new SQLException("", "S0002", 208)))
                .isTrue();
        assertThat(Dialects.named("oracle").isUndefined(new SQLException("", "42000", 942)))
                .isTrue();
    }

    @Test
    void errors_ofOtherDatabases_areSortedByTheirCodes() {
        for (int code : List.of(5, 6, 10, 13)) {
            assertThat(translated("sqlite", code)).isInstanceOf(TransientStoreException.class);
        }
        assertThat(translated("sqlite", 19)).isExactlyInstanceOf(StoreException.class);
        for (int code : List.of(1205, 1222, 40613)) {
            assertThat(translated("sqlserver", code)).isInstanceOf(TransientStoreException.class);
        }
        assertThat(translated("sqlserver", 2628)).isExactlyInstanceOf(StoreException.class);
        for (int code : List.of(60, 54, 3113, 17002)) {
            assertThat(translated("oracle", code)).isInstanceOf(TransientStoreException.class);
        }
        assertThat(translated("oracle", 12899)).isExactlyInstanceOf(StoreException.class);
    }

    private static StoreException translated(String database, int code) {
        return SqlErrors.translate("x", Dialects.named(database), NAMES, new SQLException("", null, code));
    }
}
