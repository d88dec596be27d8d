/** Servers, worker processes, the consumer that checks, and statistics. */
@NullMarked
package io.outbox.benchmarks.harness;

import org.jspecify.annotations.NullMarked;
