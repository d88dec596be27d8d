package io.outbox.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Events of this class that are published through Spring's {@code ApplicationEventPublisher} are written to the outbox, in the
 * transaction in which they are published; outside of one that is refused. Listeners get them all the same.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Outboxed {
    /**
     * Names the destination.
     *
     * @return a topic, or exchange and routing key
     */
    String destination();

    /**
     * Tells what orders the messages.
     *
     * @return a SpEL expression on the event, for example {@code orderId}; none by default
     */
    String key() default "";

    /**
     * Names the messages' logical type.
     *
     * @return the type; by default the one that the class has by {@link io.outbox.MessageType}
     */
    String type() default "";
}
