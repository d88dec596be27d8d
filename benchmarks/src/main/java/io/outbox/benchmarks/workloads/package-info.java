/** What is measured. */
@NullMarked
package io.outbox.benchmarks.workloads;

import org.jspecify.annotations.NullMarked;
