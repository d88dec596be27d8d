/** What was committed, what arrived and what took effect, and the check that they agree. */
@NullMarked
package io.outbox.torture.history;

import org.jspecify.annotations.NullMarked;
