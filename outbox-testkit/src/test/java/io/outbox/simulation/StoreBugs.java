package io.outbox.simulation;

import io.outbox.Outbox;
import io.outbox.OutboxException;
import io.outbox.spi.Lease;
import io.outbox.spi.LeaseView;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.testkit.InMemoryTransaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Planted bugs between a relay and its store. */
final class StoreBugs {
    private StoreBugs() {}

    private static Set<Integer> allShards(OutboxStore<?> store) {
        return IntStream.range(0, store.shards()).boxed().collect(Collectors.toSet());
    }

    /** Neither the search below the cursor nor the sweep finds anything. */
    static final class LateCommitsAreNotLookedFor extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public long[] idsBetween(String channel, Set<Integer> shards, long afterId, long upToId, int limit) {
                    return new long[0];
                }
            };
        }
    }

    /** From the lowest to the highest that was acknowledged. */
    static final class DeletesARange extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public OptionalLong delete(long[] ids) {
                    long[] sorted = Arrays.stream(ids).sorted().toArray();
                    return super.delete(super.idsBetween(
                            Outbox.DEFAULT_CHANNEL,
                            allShards(store),
                            sorted[0] - 1,
                            sorted[sorted.length - 1],
                            Integer.MAX_VALUE));
                }
            };
        }
    }

    /** A read that failed counts as one that found nothing, so that the cursor moves past what it did not see. */
    static final class ReadsOnAfterAFailure extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public ReadResult read(ReadRequest request) {
                    try {
                        return super.read(request);
                    } catch (OutboxException e) {
                        ReadResult later = super.read(request);
                        return new ReadResult(List.of(), Set.of(), later.topId(), later.writers());
                    }
                }
            };
        }
    }

    /** The running transactions are asked for in a statement of their own, a moment after the rows. */
    static final class SnapshotIsYounger extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public ReadResult read(ReadRequest request) {
                    ReadResult found = super.read(request);
                    return new ReadResult(
                            found.messages(),
                            found.blocked(),
                            found.topId(),
                            super.read(request).writers());
                }
            };
        }
    }

    /** A delete tells the number of a transaction from before. */
    static final class MarkIsTooHigh extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public OptionalLong delete(long[] ids) {
                    return earlier(super.delete(ids));
                }

                @Override
                public OptionalLong archive(long[] ids) {
                    return earlier(super.archive(ids));
                }

                private OptionalLong earlier(OptionalLong number) {
                    return number.isEmpty() ? number : OptionalLong.of(number.getAsLong() - 40);
                }
            };
        }
    }

    /** Messages behind a parked one of their key look free. */
    static final class BlockedKeysAreNotTold extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public ReadResult read(ReadRequest request) {
                    ReadResult found = super.read(request);
                    return new ReadResult(found.messages(), Set.of(), found.topId(), found.writers());
                }
            };
        }
    }

    /** All that is due goes out, whatever stands before it. */
    static final class RetryOvertakes extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public List<ParkedMessage> due(String channel, Set<Integer> shards, int limit) {
                    List<ParkedMessage> due = new ArrayList<>(super.due(channel, shards, limit));
                    super.list(ParkedQuery.inState(ParkedState.RETRY).withPage(0, limit)).stream()
                            .filter(parked -> shards.contains(parked.message().shard()))
                            .filter(parked -> !parked.notBefore().isAfter(world.clock.instant()))
                            .forEach(due::add);
                    return due;
                }
            };
        }
    }

    /** Parks in the name of whoever has the lease. */
    static final class ParksWithoutALease extends Wiring {
        private final Map<Integer, String> owners = new HashMap<>();

        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public List<Lease> claim(String channel, String relayId, Collection<Lease> leases) {
                    List<Lease> taken = super.claim(channel, relayId, leases);
                    taken.forEach(lease -> owners.put(lease.shard(), relayId));
                    return taken;
                }

                @Override
                public boolean park(String relayId, Collection<Parking> parkings) {
                    for (Parking parking : parkings) {
                        super.park(owners.getOrDefault(parking.message().shard(), relayId), List.of(parking));
                    }
                    return true;
                }
            };
        }
    }

    /** Nobody looks whether parking worked. */
    static final class FailedParkCountsAsDone extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public boolean park(String relayId, Collection<Parking> parkings) {
                    try {
                        super.park(relayId, parkings);
                    } catch (OutboxException e) {
                        // the bug
                    }
                    return true;
                }
            };
        }
    }

    /** A heartbeat that came too late, or failed, changes nothing: the relay goes on with what it had. */
    static final class LeaseOutlivesItsExpiry extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                private Optional<LeaseView> last = Optional.empty();

                @Override
                public Optional<LeaseView> heartbeat(String channel, String relayId, Duration leaseTime) {
                    Optional<LeaseView> now = Optional.empty();
                    try {
                        now = super.heartbeat(channel, relayId, leaseTime);
                    } catch (OutboxException e) {
                        if (last.isEmpty()) {
                            throw e;
                        }
                    }
                    last = now.isPresent() ? now : last;
                    return last;
                }
            };
        }
    }

    /** A shard that is given back goes to nobody. */
    static final class HandOverIsLost extends Wiring {
        private static final String NOBODY = "nobody";

        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public void release(String channel, String relayId, Set<Integer> shards) {
                    super.release(channel, relayId, shards);
                    Duration forEver = Duration.ofDays(1);
                    super.join(channel, NOBODY, forEver);
                    super.heartbeat(channel, NOBODY, forEver)
                            .ifPresent(view -> super.claim(
                                    channel,
                                    NOBODY,
                                    view.leases().stream()
                                            .filter(lease -> shards.contains(lease.shard()))
                                            .toList()));
                }
            };
        }
    }

    /** Scheduled messages are due as soon as they are there. */
    static final class ScheduledGoAtOnce extends Wiring {
        @Override
        OutboxStore<InMemoryTransaction> relayStore(OutboxStore<InMemoryTransaction> store, World world) {
            return new ForwardingStore(store) {
                @Override
                public List<ParkedMessage> due(String channel, Set<Integer> shards, int limit) {
                    List<ParkedMessage> due = new ArrayList<>(super.due(channel, shards, limit));
                    super.list(ParkedQuery.inState(ParkedState.SCHEDULED).withPage(0, limit)).stream()
                            .filter(parked -> shards.contains(parked.message().shard()))
                            .forEach(due::add);
                    return due;
                }
            };
        }
    }
}
