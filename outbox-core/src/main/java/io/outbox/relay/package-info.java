/** The relay: reads committed messages from a store and publishes them to a broker. */
@NullMarked
package io.outbox.relay;

import org.jspecify.annotations.NullMarked;
