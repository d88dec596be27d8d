/** What an implementor of a store, a publisher, a codec or a listener implements or receives. */
@NullMarked
package io.outbox.spi;

import org.jspecify.annotations.NullMarked;
