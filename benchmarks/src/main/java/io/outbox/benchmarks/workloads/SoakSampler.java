package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Asks the database server and makes a sample of that and of what the two processes say. Confined to one thread. */
final class SoakSampler {
    private static final double MIB = 1024.0 * 1024;

    /** How a database server tells about itself: our connections but this one, and the bytes of each table with its indexes. */
    private enum Dialect {
        POSTGRESQL(
                "select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend'"
                        + " and pid <> pg_backend_pid()",
                "select relname, pg_total_relation_size(oid) from pg_class"
                        + " where relkind = 'r' and relnamespace = current_schema()::regnamespace"),
        MARIADB(
                "select count(*) from information_schema.processlist where db = database() and id <> connection_id()",
                "select substring_index(name, '/', -1), file_size from information_schema.innodb_sys_tablespaces"
                        + " where name like concat(database(), '/%')");

        private final String connections;
        private final String tables;

        Dialect(String connections, String tables) {
            this.connections = connections;
            this.tables = tables;
        }
    }

    private final Servers servers;
    private final Dialect dialect;

    SoakSampler(Servers servers, String database) {
        this.servers = servers;
        dialect = database.equals("mariadb") ? Dialect.MARIADB : Dialect.POSTGRESQL;
    }

    /** Takes a sample. */
    Map<SoakFigure, Double> sample(Map<String, Long> service, Map<String, Long> consumer) {
        Map<SoakFigure, Double> sample = new EnumMap<>(SoakFigure.class);
        put(sample, SoakFigure.SERVICE_HEAP, service, "heapBytes", MIB);
        put(sample, SoakFigure.CONSUMER_HEAP, consumer, "heapBytes", MIB);
        put(sample, SoakFigure.SERVICE_METASPACE, service, "metaspaceBytes", MIB);
        put(sample, SoakFigure.CONSUMER_METASPACE, consumer, "metaspaceBytes", MIB);
        put(sample, SoakFigure.SERVICE_DIRECT, service, "directBytes", MIB);
        put(sample, SoakFigure.CONSUMER_DIRECT, consumer, "directBytes", MIB);
        put(sample, SoakFigure.SERVICE_THREADS, service, "threads", 1);
        put(sample, SoakFigure.CONSUMER_THREADS, consumer, "threads", 1);
        put(sample, SoakFigure.SERVICE_FILES, service, "files", 1);
        put(sample, SoakFigure.CONSUMER_FILES, consumer, "files", 1);
        put(sample, SoakFigure.LAG, service, "lagMillis", 1);
        put(sample, SoakFigure.PARKED_ROWS, service, "parked", 1);
        sample.put(
                SoakFigure.BEHIND,
                (double) service.getOrDefault("committed", 0L) - consumer.getOrDefault("handled", 0L));
        try (Connection connection = servers.connect();
                Statement statement = connection.createStatement()) {
            askDatabase(statement, sample);
        } catch (SQLException e) {
            throw new IllegalStateException("the database does not tell about itself", e);
        }
        return sample;
    }

    /** Leaves out what a process does not tell on this system. */
    private static void put(
            Map<SoakFigure, Double> sample, SoakFigure figure, Map<String, Long> told, String name, double unit) {
        Long value = told.get(name);
        if (value != null) {
            sample.put(figure, value / unit);
        }
    }

    private void askDatabase(Statement statement, Map<SoakFigure, Double> sample) throws SQLException {
        sample.put(SoakFigure.CONNECTIONS, number(statement, dialect.connections));
        sample.put(SoakFigure.MESSAGE_ROWS, number(statement, "select count(*) from outbox_message"));
        sample.put(SoakFigure.DEDUP_ROWS, number(statement, "select count(*) from outbox_dedup"));
        Map<String, Double> sizes = new TreeMap<>();
        try (ResultSet row = statement.executeQuery(dialect.tables)) {
            while (row.next()) {
                sizes.put(row.getString(1), row.getLong(2) / MIB);
            }
        }
        sample.put(SoakFigure.MESSAGE_TABLE, size(sizes, "outbox_message"));
        sample.put(SoakFigure.PARKED_TABLE, size(sizes, "outbox_parked"));
        sample.put(SoakFigure.DEDUP_TABLE, size(sizes, "outbox_dedup"));
        sample.put(
                SoakFigure.OTHER_TABLES,
                sizes.values().stream().mapToDouble(Double::doubleValue).sum());
    }

    private static double number(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static double size(Map<String, Double> sizes, String table) {
        Double size = sizes.remove(table);
        if (size == null) {
            throw new IllegalStateException("no size of table " + table + ", only of " + sizes.keySet());
        }
        return size;
    }
}
