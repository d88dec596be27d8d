package io.outbox.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;

/**
 * On a test class with {@code @SpringBootTest}: the application's relay publishes to a {@link PublishedMessages}, a bean that the test can
 * ask, instead of to a broker. The database is the application's own, so what the test sees has been committed.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Import(OutboxTestConfiguration.class)
public @interface OutboxTest {}
