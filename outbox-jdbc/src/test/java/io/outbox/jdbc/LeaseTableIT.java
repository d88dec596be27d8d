package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.Lease;
import io.outbox.spi.LeaseView;
import io.outbox.spi.ParkedState;
import io.outbox.spi.StoredMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Heartbeats, expiry, and races for shards. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class LeaseTableIT extends DatabaseTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    LeaseTableIT(Engine engine) {
        super(engine);
    }

    private LeaseView view(String relay) {
        return store.heartbeat(CHANNEL, relay, MINUTE).orElseThrow();
    }

    /** Lets a relay's heartbeat run out. */
    private void expire(String relay) throws SQLException {
        expire(relay, null);
    }

    /** On a connection of its own, unless one is given. */
    private void expire(String relay, @Nullable Connection on) throws SQLException {
        String sql = "update outbox_relay set expires_at = " + engine.longAgo() + " where relay_id = '" + relay + "'";
        if (on == null) {
            execute(sql);
            return;
        }
        try (Statement statement = on.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void join_makesALeaseForEachShard() {
        store.join(CHANNEL, "a", MINUTE);
        store.join(CHANNEL, "b", MINUTE);
        store.join("other", "c", MINUTE);

        LeaseView view = view("a");

        assertThat(view.relays()).containsExactly("a", "b");
        assertThat(view.leases()).hasSize(OutboxSchema.DEFAULT_SHARDS).allSatisfy(lease -> {
            assertThat(lease.owner()).isNull();
            assertThat(lease.epoch()).isZero();
        });
        assertThat(view.leases())
                .extracting(Lease::shard)
                .containsExactlyElementsOf(
                        IntStream.range(0, OutboxSchema.DEFAULT_SHARDS).boxed().toList());
    }

    @Test
    void join_byManyAtOnce_makesEachLeaseOnce() throws Exception {
        List<CompletableFuture<Void>> joining = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.runAsync(() -> store.join(CHANNEL, "r" + i, MINUTE)))
                .toList();
        CompletableFuture.allOf(joining.toArray(CompletableFuture[]::new)).get();

        assertThat(view("r0").leases()).hasSize(OutboxSchema.DEFAULT_SHARDS);
        assertThat(view("r0").relays()).hasSize(8);
    }

    @Test
    void heartbeat_keepsARelayAlive_andItsEndIsNoticed() {
        store.join(CHANNEL, "a", SHORT);
        store.join(CHANNEL, "b", MINUTE);
        for (int i = 0; i < 3; i++) {
            assertThat(store.heartbeat(CHANNEL, "a", Duration.ofSeconds(30))).isPresent();
        }
        assertThat(store.heartbeat(CHANNEL, "a", SHORT)).isPresent();

        await("the heartbeat of a runs out")
                .atMost(Duration.ofSeconds(10))
                .until(() -> !view("b").relays().contains("a"));

        assertThat(store.heartbeat(CHANNEL, "a", MINUTE)).isEmpty();
        assertThat(view("b").relays()).containsExactly("b");
    }

    @Test
    void heartbeat_ofAnExpiredRelay_isRefusedBeforeAnyoneNoticed() throws SQLException {
        store.join(CHANNEL, "a", MINUTE);
        expire("a");

        assertThat(store.heartbeat(CHANNEL, "a", MINUTE)).isEmpty();
    }

    @Test
    void claim_givesEachShardToOne() {
        store.join(CHANNEL, "a", MINUTE);
        store.join(CHANNEL, "b", MINUTE);
        List<Lease> seen = view("a").leases();

        List<Lease> first = store.claim(CHANNEL, "a", seen.subList(0, 10));
        List<Lease> second = store.claim(CHANNEL, "b", seen.subList(5, 15));

        assertThat(first).hasSize(10).allSatisfy(lease -> {
            assertThat(lease.owner()).isEqualTo("a");
            assertThat(lease.epoch()).isEqualTo(1);
        });
        assertThat(second).extracting(Lease::shard).containsExactly(10, 11, 12, 13, 14);
        assertThat(view("b").leases())
                .filteredOn(lease -> "a".equals(lease.owner()))
                .containsExactlyElementsOf(first);
    }

    @Test
    void claim_byManyAtOnce_givesEachShardToOne() throws Exception {
        int relays = 6;
        for (int i = 0; i < relays; i++) {
            store.join(CHANNEL, "r" + i, MINUTE);
        }
        CyclicBarrier start = new CyclicBarrier(relays);
        List<CompletableFuture<List<Lease>>> claims = new ArrayList<>();
        for (int i = 0; i < relays; i++) {
            String relay = "r" + i;
            List<Lease> seen = new ArrayList<>(view(relay).leases());
            java.util.Collections.rotate(seen, i * 10);
            claims.add(CompletableFuture.supplyAsync(() -> {
                meet(start);
                return store.claim(CHANNEL, relay, seen);
            }));
        }

        List<Integer> taken = new ArrayList<>();
        for (CompletableFuture<List<Lease>> claim : claims) {
            claim.get().forEach(lease -> taken.add(lease.shard()));
        }

        assertThat(taken).hasSize(OutboxSchema.DEFAULT_SHARDS).doesNotHaveDuplicates();
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void claim_ofADeadRelaysShards_succeedsOnce() throws SQLException {
        String dead = relayWithAllShards();
        store.join(CHANNEL, "a", MINUTE);
        List<Lease> seen = view("a").leases();
        assertThat(store.claim(CHANNEL, "a", seen)).isEmpty();

        expire(dead);
        List<Lease> taken = store.claim(CHANNEL, "a", seen);

        assertThat(taken).hasSize(OutboxSchema.DEFAULT_SHARDS).allMatch(lease -> lease.epoch() == 2);
        assertThat(store.claim(CHANNEL, "a", seen)).isEmpty();
    }

    @Test
    void claim_byAnExpiredRelay_getsNothing() throws SQLException {
        store.join(CHANNEL, "a", MINUTE);
        List<Lease> seen = view("a").leases();
        expire("a");

        assertThat(store.claim(CHANNEL, "a", seen)).isEmpty();
    }

    @Test
    void release_givesBackOnlyItsOwn() {
        store.join(CHANNEL, "a", MINUTE);
        store.join(CHANNEL, "b", MINUTE);
        List<Lease> seen = view("a").leases();
        store.claim(CHANNEL, "a", seen.subList(0, 2));
        store.claim(CHANNEL, "b", seen.subList(2, 4));

        store.release(CHANNEL, "a", Set.of(1, 2, 60));

        assertThat(view("a").leases().subList(0, 4)).extracting(Lease::owner).containsExactly("a", null, "b", "b");
        assertThat(store.claim(CHANNEL, "b", view("b").leases().subList(1, 2))).hasSize(1);
    }

    @Test
    void leave_givesBackAll_andTwiceDoesNothing() {
        String relay = relayWithAllShards();
        store.join(CHANNEL, "a", MINUTE);

        store.leave(CHANNEL, relay);
        store.leave(CHANNEL, relay);

        assertThat(view("a").relays()).containsExactly("a");
        assertThat(store.claim(CHANNEL, "a", view("a").leases())).hasSize(OutboxSchema.DEFAULT_SHARDS);
    }

    @Test
    void renewalAndRemoval_neverBothSucceed() throws Exception {
        for (int round = 0; round < 30; round++) {
            String racer = "racer" + round;
            String other = "other" + round;
            store.join(CHANNEL, racer, Duration.ofMillis(20));
            store.join(CHANNEL, other, MINUTE);
            CompletableFuture<Boolean> renewed = CompletableFuture.supplyAsync(() -> {
                boolean isAlive = true;
                for (int i = 0; i < 10 && isAlive; i++) {
                    isAlive = store.heartbeat(CHANNEL, racer, i < 9 ? Duration.ofMillis(2) : MINUTE)
                            .isPresent();
                }
                return isAlive;
            });
            Optional<LeaseView> seen = Optional.empty();
            for (int i = 0; i < 10; i++) {
                seen = store.heartbeat(CHANNEL, other, MINUTE);
            }
            boolean isAlive = renewed.get();
            boolean isThere = store.heartbeat(CHANNEL, other, MINUTE)
                    .orElseThrow()
                    .relays()
                    .contains(racer);

            assertThat(seen).isPresent();
            assertThat(isThere).isEqualTo(isAlive);
        }
    }

    @Test
    void park_holdsOffWhoeverTakesOver() throws Exception {
        String relay = relayWithAllShards();
        append(message("a", "a"));
        StoredMessage hot = waiting().get(0);
        List<Lease> seen = view(relay).leases();
        store.join(CHANNEL, "successor", MINUTE);
        CompletableFuture<List<Lease>> takingOver;
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            Dialect dialect = Dialects.of(connection.getMetaData());
            LeaseTable leases = new LeaseTable(dialect, TableNames.standard(), OutboxSchema.DEFAULT_SHARDS);
            assertThat(leases.lock(connection, relay, List.of(hot))).isTrue();
            expire(relay, engine.hasOneWriter() ? connection : null);
            takingOver = CompletableFuture.supplyAsync(
                    () -> store.claim(CHANNEL, "successor", List.of(seen.get(hot.shard()))));
            assertThat(takingOver).isNotDone();
            connection.commit();
        }

        assertThat(takingOver.get()).hasSize(1);
        assertThat(store.park(relay, List.of(parking(hot, ParkedState.RETRY, Duration.ZERO))))
                .isFalse();
    }
}
