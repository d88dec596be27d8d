package io.outbox;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives a payload class its logical type name.
 *
 * <p>The name is what is stored and sent; the class may be renamed or moved without stranding a stored message.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MessageType {
    /**
     * The logical name, 1 to 255 characters, for example {@code order.paid}.
     *
     * @return the logical name
     */
    String value();

    /**
     * Former names under which messages of this class may still arrive.
     *
     * @return former names, none by default
     */
    String[] aliases() default {};
}
