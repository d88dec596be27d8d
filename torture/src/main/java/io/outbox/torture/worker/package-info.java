/** The processes that are attacked: relays, writers and consumers. */
@NullMarked
package io.outbox.torture.worker;

import org.jspecify.annotations.NullMarked;
