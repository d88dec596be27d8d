package io.outbox.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The method runs in a transaction: that of the calling thread if there is one, else a new one, which is committed when the method
 * returns and rolled back when it throws, whatever it throws. {@link Publishes} and {@link Idempotent} imply it. On a type: each of
 * its methods.
 *
 * <p>For programs without a framework; with Spring use Spring's own. Has no effect unless the call goes through a proxy: see
 * {@link OutboxProxies}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Transactional {}
