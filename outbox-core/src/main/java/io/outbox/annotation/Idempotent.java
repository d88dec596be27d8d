package io.outbox.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The method runs once for each id, in a transaction together with its effects; for repeats it does nothing and returns. It must return
 * nothing: what would a repeat return? Where an answer is needed, use {@link io.outbox.consumer.IdempotentConsumer} with a
 * kept result.
 *
 * <p>Has no effect unless the call goes through a proxy: see {@link OutboxProxies}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Idempotent {
    /**
     * Names the consumer group: each group handles each id once.
     *
     * @return 1 to 200 characters
     */
    String consumer();

    /**
     * Tells the id.
     *
     * @return an expression on the parameters, as in {@link Publishes}, for example {@code notification.number}; must not lead to null
     */
    String id();
}
