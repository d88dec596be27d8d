/** The relay under a seeded simulation: one thread, a simulated clock, faults at every step. */
@NullMarked
package io.outbox.simulation;

import org.jspecify.annotations.NullMarked;
