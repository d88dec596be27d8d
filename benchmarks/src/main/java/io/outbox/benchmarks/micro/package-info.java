/** What is hot in memory, measured by JMH. */
@NullMarked
package io.outbox.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
