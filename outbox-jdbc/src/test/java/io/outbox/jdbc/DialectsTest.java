package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.ArchivedMessage;
import io.outbox.spi.Lease;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.StoredMessage;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every statement of every dialect, on a driver that only writes down what it is given: all names are filled in, brackets
 * match, and each parameter is set. This finds slips of the pen in dialects whose database is not at hand, and nothing more.
 */
@ParameterizedClass
@ValueSource(strings = {"postgresql", "mariadb", "mysql", "sqlite", "sqlserver", "oracle", "h2"})
class DialectsTest {
    private static final TableNames NAMES = new TableNames("order", "select_");
    private static final Duration HOUR = Duration.ofHours(1);

    private final Dialect dialect;
    private final List<String> statements = new ArrayList<>();

    DialectsTest(String name) {
        dialect = Dialects.named(name);
    }

    @Test
    void theScript_fallsIntoStatements_allNamesFilledIn() {
        TableNames names = dialect.name().equals("sqlite") ? new TableNames(null, "select_") : NAMES;
        List<String> script = SchemaScript.statements(OutboxSchema.script(dialect, names, 8));

        assertThat(script).hasSizeGreaterThanOrEqualTo(8);
        assertThat(script.get(script.size() - 1)).contains("select 1, 1, 8");
        for (String table : List.of("message", "parked", "archive", "relay", "lease", "dedup", "schema")) {
            assertThat(script).anyMatch(sql -> sql.matches("(?si).*create table.{0,40}select_" + table + "\\W.*"));
        }
        for (String index : List.of("parked_key", "parked_due", "archive_message", "dedup_processed")) {
            assertThat(script)
                    .anyMatch(sql -> sql.matches(
                            "(?si).*(key|index).{0,40}select_" + index.replace("parked_due", "parked_") + ".*"));
        }
        script.forEach(DialectsTest::assertIsWhole);
    }

    @Test
    void everyStatement_hasItsNamesFilledIn_andItsParametersSet() throws SQLException {
        Connection connection = connection();
        List<String> ids = IntStream.range(0, 3).mapToObj(i -> "m" + i).toList();
        StoredMessage stored = new StoredMessage(1, 2, Instant.EPOCH, 1, 0, message("m", null));
        useHotTable(connection);
        useParkedTable(connection, stored);
        useLeases(connection, stored);
        ArchiveTable archive = new ArchiveTable(dialect, NAMES);
        archive.copyHot(connection, new long[] {1, 2});
        archive.copyParked(connection, new long[] {1, 2});
        List<ArchivedMessage> none = archive.find(connection, "m");
        archive.purge(connection, HOUR, 10);
        useDedup(connection, ids);
        SchemaTable.update(connection, dialect, NAMES, 1, 2);

        assertThat(none).isEmpty();
        assertThat(statements).hasSizeGreaterThan(35);
        statements.forEach(DialectsTest::assertIsWhole);
    }

    private void useHotTable(Connection connection) throws SQLException {
        HotTable hot = new HotTable(dialect, NAMES, 4);
        hot.insert(connection, List.of(message("a", null)));
        hot.insert(connection, List.of(message("a", null), message("b", null)));
        for (boolean checkBlocked : new boolean[] {true, false}) {
            hot.read(connection, new ReadRequest("c", Set.of(1, 2, 3), 5, 10, 100, checkBlocked));
        }
        hot.idsBetween(connection, "c", Set.of(1), 1, 2, 3);
        hot.load(connection, new long[] {1, 2, 3});
        hot.delete(connection, new long[0]);
        hot.oldestWaiting(connection, "c");
    }

    private void useParkedTable(Connection connection, StoredMessage stored) throws SQLException {
        ParkedTable parked = new ParkedTable(dialect, NAMES, 4);
        parked.schedule(connection, List.of(message("a", Instant.EPOCH)));
        parked.park(connection, List.of(new Parking(stored, ParkedState.RETRY, 1, HOUR, "x".repeat(5000))));
        parked.repark(connection, 1, ParkedState.DEAD, 1, HOUR, null);
        parked.delete(connection, new long[] {1});
        parked.count(connection, "c", Set.of(ParkedState.DEAD));
        ParkedQuery query = ParkedQuery.deadLetters()
                .withChannel("c")
                .withDestination("d")
                .withKey("k")
                .withMessageId("m")
                .withErrorContaining("e")
                .withOlderThan(HOUR);
        parked.list(connection, query);
        parked.redrive(connection, query, HOUR);
        parked.discard(connection, query);
        DueTable due = new DueTable(dialect, NAMES);
        due.due(connection, "c", Set.of(1), 10);
        due.hasBlocking(connection, "c", Set.of(1));
        due.behind(
                connection, new ParkedMessage(1, ParkedState.RETRY, 1, Instant.EPOCH, Instant.EPOCH, null, stored), 10);
    }

    private void useLeases(Connection connection, StoredMessage stored) throws SQLException {
        LeaseTable leases = new LeaseTable(dialect, NAMES, 2);
        leases.addLeases(connection, "c");
        leases.addRelay(connection, "c", "r", HOUR);
        leases.heartbeat(connection, "c", "r", HOUR);
        leases.claim(connection, "c", "r", List.of(new Lease(0, null, 1)));
        leases.release(connection, "c", "r", Set.of(1));
        leases.leave(connection, "c", "r");
        leases.lock(connection, "r", List.of(stored));
    }

    private void useDedup(Connection connection, List<String> ids) throws SQLException {
        for (String one : List.of(dialect.recordOne(), dialect.keepResult(), dialect.result(), dialect.purge())) {
            call(connection, one);
        }
        String makeCommitDurable = dialect.makeCommitDurable();
        if (makeCommitDurable != null) {
            call(connection, makeCommitDurable);
        }
        new DurableReads(dialect, NAMES).makeDurable(connection);
        String all = dialect.recordAll();
        if (all != null) {
            try (Call call = dialect.sql(all, NAMES).prepare(connection)) {
                call.set("group", "g").setStrings("ids", ids).execute();
            }
        }
    }

    /** Sets what there is. */
    private void call(Connection connection, String template) throws SQLException {
        Sql sql = dialect.sql(template, NAMES);
        try (Call call = sql.prepare(connection)) {
            for (String name : new HashSet<>(List.of(sql.parameters()))) {
                if (name.equals("age") || name.equals("limit")) {
                    call.set(name, 1);
                } else {
                    call.set(name, "x");
                }
            }
            call.execute();
        }
    }

    private static OutboxRecord message(String id, @Nullable Instant deliverAt) {
        return new OutboxRecord(id, "c", "d", "k", "t", "x", Map.of(), new byte[0], deliverAt);
    }

    private static void assertIsWhole(String sql) {
        String unquoted = sql.replaceAll("--[^\n]*", "").replaceAll("'[^']*'", "''");
        assertThat(unquoted).doesNotContain("{", "}", "$", ":").doesNotMatch("(?s).*,\\s*\\).*");
        int depth = 0;
        for (char c : unquoted.toCharArray()) {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            assertThat(depth).as(sql).isNotNegative();
        }
        assertThat(depth).as(sql).isZero();
        assertThat(sql.chars().filter(c -> c == '\'').count() % 2).as(sql).isZero();
    }

    private Connection connection() {
        return proxy(Connection.class, (self, method, arguments) -> switch (method.getName()) {
            case "prepareStatement" -> {
                statements.add((String) arguments[0]);
                yield statement((String) arguments[0]);
            }
            case "createStatement" -> statement("");
            case "createClob" -> proxy(Clob.class, (clob, m, a) -> m.getName().equals("setString") ? 1 : null);
            default -> null;
        });
    }

    /** Knows how many parameters there are and which have been set, and finds nothing. */
    private static PreparedStatement statement(String sql) {
        Matcher matcher = Pattern.compile("\\?").matcher(sql);
        int parameters = (int) matcher.results().count();
        Set<Integer> set = new TreeSet<>();
        Set<Integer> all = IntStream.rangeClosed(1, parameters).boxed().collect(Collectors.toSet());
        return proxy(PreparedStatement.class, (self, method, arguments) -> {
            String name = method.getName();
            if (name.startsWith("set")) {
                set.add((Integer) arguments[0]);
                return null;
            }
            if (name.equals("addBatch")
                    || name.equals("execute") && arguments == null
                    || name.equals("executeUpdate")) {
                assertThat(set).as(sql).isEqualTo(all);
            }
            return switch (name) {
                case "execute", "getMoreResults" -> false;
                case "executeUpdate", "getUpdateCount" -> 1;
                case "executeBatch" -> new int[] {1};
                case "getResultSet" -> result();
                case "getConnection" -> proxy(Connection.class, (connection, m, a) -> null);
                default -> null;
            };
        });
    }

    /** A row, at most: counts ask for one. */
    private static ResultSet result() {
        return proxy(ResultSet.class, (self, method, arguments) -> switch (method.getName()) {
            case "next" -> false;
            case "getLong" -> 0L;
            case "getInt" -> 0;
            case "getObject" -> LocalDateTime.MIN;
            default -> null;
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(DialectsTest.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
