/** Real PostgreSQL, MariaDB, Kafka and RabbitMQ servers for tests, examples and benchmarks. */
@NullMarked
package io.outbox.testkit.servers;

import org.jspecify.annotations.NullMarked;
