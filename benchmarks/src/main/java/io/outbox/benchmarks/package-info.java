/** The bench command: measures the relay beside a ceiling and beside other libraries. */
@NullMarked
package io.outbox.benchmarks;

import org.jspecify.annotations.NullMarked;
