/** The messages of a benchmark and the check of what arrived. */
@NullMarked
package io.outbox.benchmarks.wire;

import org.jspecify.annotations.NullMarked;
