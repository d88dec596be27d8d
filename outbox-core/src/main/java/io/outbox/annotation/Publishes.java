package io.outbox.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the method returns is written to the outbox, in the method's transaction. A collection, a stream, an array or an
 * {@link java.util.Optional} is written element by element; null and nothing are not written. A method that throws publishes
 * nothing, nor does one whose transaction is rolled back.
 *
 * <p>Expressions are property paths: {@code result} (each element of it) or the name of a parameter, then properties,
 * for example {@code result.orderId} or {@code order.customer.id}. A property is a record component, a getter or a public field of
 * the declared type. Names of parameters need {@code javac -parameters}; without it they are {@code arg0}, {@code arg1}. An
 * expression that leads nowhere is refused when the method's object is wrapped, not at the first call.
 *
 * <p>Has no effect unless the call goes through a proxy: see {@link OutboxProxies}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Publishes {
    /**
     * Names the destination; expressions may stand in braces, for example {@code orders-{result.region}}.
     *
     * @return where the messages go
     */
    String destination();

    /**
     * Tells what orders the messages.
     *
     * @return an expression; none by default
     */
    String key() default "";

    /**
     * Names the messages' logical type.
     *
     * @return the type; by default the one that the payload's class has by {@link io.outbox.MessageType} or the outbox's registry
     */
    String type() default "";

    /**
     * Names the channel.
     *
     * @return the channel; by default the outbox's
     */
    String channel() default "";
}
