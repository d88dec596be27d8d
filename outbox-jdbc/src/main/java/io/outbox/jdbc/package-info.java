/** The stores of the outbox over JDBC, for PostgreSQL and H2, and the schema they need. */
@NullMarked
package io.outbox.jdbc;

import org.jspecify.annotations.NullMarked;
