/** Benchmarks of what the relay keeps to itself. */
@NullMarked
package io.outbox.relay;

import org.jspecify.annotations.NullMarked;
