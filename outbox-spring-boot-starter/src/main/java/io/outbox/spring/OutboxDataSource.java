package io.outbox.spring;

import javax.sql.DataSource;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * A data source with outbox tables in it.
 *
 * @param name the name of its bean
 * @param dataSource itself
 * @param manager whose transactions include it
 */
record OutboxDataSource(String name, DataSource dataSource, PlatformTransactionManager manager) {}
