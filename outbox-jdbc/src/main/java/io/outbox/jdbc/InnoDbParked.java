package io.outbox.jdbc;

/**
 * How parked messages are found on InnoDB at a cost that does not depend on how many there are. Its statistics are too old while the
 * table grows, so each index is named.
 */
final class InnoDbParked {
    private InnoDbParked() {}

    // Index parked_due; parked_free, of which one state after the other is in the order of time; parked_due again, and
    // parked_key up to the first row that blocks: it is the retry itself, or that is not due. The window also has
    // retries without a key; where they fill it, the walk finds the others.
    static final String FREE = """
            (select parked_id, not_before from {parked} force index ({name:parked_due})
                where channel = :channel and shard {any:shards} and state = 'SCHEDULED' and not_before <= {started}
                order by not_before {limit:limit})
            union all
            (select parked_id, not_before from {parked} force index ({name:parked_free})
                where channel = :channel and shard {any:shards} and state = 'RETRY'
                and message_key is null and not_before <= {started} order by not_before {limit:limit})
            union all
            (select parked_id, not_before from {parked} force index ({name:parked_free})
                where channel = :channel and shard {any:shards} and state = 'BEHIND'
                and message_key is null and not_before <= {started} order by not_before {limit:limit})
            union all
            (select parked_id, not_before from (
                select channel, shard, message_key, parked_id, not_before
                from {parked} force index ({name:parked_due})
                where channel = :channel and state = 'RETRY' and not_before <= {started}
                order by not_before {limit:window}) p
            where shard {any:shards} and message_key is not null and parked_id = (select e.parked_id
                from {parked} e force index ({name:parked_key})
                where e.channel = p.channel and e.shard = p.shard and e.message_key = p.message_key
                and e.state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING') order by e.message_seq, e.parked_id limit 1)
            order by not_before {limit:limit})
            """;

    // Index parked_key, without its rows: the distinct keys by a loose scan of it, which takes the columns in the
    // index's order and no
    // expression, whatever the states; then for each the first row that blocks, most often its first. So it costs with
    // the number of
    // keys, not of messages. A key of dead letters only has no head, but counts where the list ends.
    static final String HEADS = """
            select h.message_key, p.parked_id, p.not_before,
                case when p.state <> 'DEAD_BLOCKING' and p.not_before <= {started} then 1 else 0 end as is_due,
                case when :perShard > 0 and row_number() over (order by h.message_key) = :total
                    then 1 else 0 end as is_last
            from (select channel, shard, message_key from {parked} force index ({name:parked_key})
                where channel = :channel and shard {any:shards} and message_key > :after
                group by channel, shard, message_key order by message_key {limit:total}) h
            left join {parked} p force index (primary) on p.parked_id = (select b.parked_id
                from {parked} b force index ({name:parked_key})
                where b.channel = h.channel and b.shard = h.shard and b.message_key = h.message_key
                and b.state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING') order by b.message_seq, b.parked_id limit 1)
            order by h.message_key
            """;

    // Index parked_key, up to the first row that blocks.
    static final String HAS_BLOCKING = """
            select 1 from {parked} force index ({name:parked_key})
            where channel = :channel and shard {any:shards} and message_key is not null
            and state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING') limit 1
            """;
}
