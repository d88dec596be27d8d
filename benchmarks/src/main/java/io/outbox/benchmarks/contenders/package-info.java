/** The library, a ceiling and baselines, each as a contender. */
@NullMarked
package io.outbox.benchmarks.contenders;

import org.jspecify.annotations.NullMarked;
