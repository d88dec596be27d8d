/** What runs in the JVM of a contender. */
@NullMarked
package io.outbox.benchmarks.worker;

import org.jspecify.annotations.NullMarked;
