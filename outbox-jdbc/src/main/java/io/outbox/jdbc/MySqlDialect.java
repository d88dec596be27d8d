package io.outbox.jdbc;

/** MySQL 8.0.17 and newer: as MariaDB, but for the name of a collation. */
final class MySqlDialect extends MariaDbDialect {
    @Override
    String exact() {
        return "utf8mb4_0900_bin";
    }
}
