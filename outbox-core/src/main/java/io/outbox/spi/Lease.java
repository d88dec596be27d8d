package io.outbox.spi;

import org.jspecify.annotations.Nullable;

/**
 * The state of one shard's lease.
 *
 * @param shard the shard
 * @param owner the relay that has it, alive or not; null when it is free
 * @param epoch grows with every change of owner
 */
public record Lease(int shard, @Nullable String owner, long epoch) {}
