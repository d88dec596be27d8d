package io.outbox.torture.faults;

import java.time.Duration;

/**
 * One attack.
 *
 * @param at when it begins, after the start of the run
 * @param kind what is done
 * @param index to which of several workers, from 0
 * @param lasting how long until it is undone; a killed server is started after it
 * @param strength from 0 to 1, where the kind has degrees
 */
public record Fault(Duration at, FaultKind kind, int index, Duration lasting, double strength) {}
