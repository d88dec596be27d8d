-- Outbox tables, version 1, for SQLite 3.35 and newer.
-- Times are microseconds since 1970: select datetime(created_at / 1000000, 'unixepoch') from {message};

-- The hot table: appended to and deleted from, never updated; one index, the table itself. Autoincrement: an id that was
-- deleted is never given again.
create table if not exists {message} (
    id           integer not null primary key autoincrement,
    channel      text    not null check (length(channel) <= 255),
    shard        integer not null,
    message_id   text    not null check (length(message_id) <= 200),
    destination  text    not null check (length(destination) <= 255),
    message_key  text             check (length(message_key) <= 255),
    type         text    not null check (length(type) <= 255),
    content_type text    not null check (length(content_type) <= 100),
    headers      text,
    payload      blob    not null,
    created_at   integer not null default {now}
);

-- Messages off the hot path: retries, scheduled messages, dead letters.
create table if not exists {parked} (
    parked_id    integer not null primary key autoincrement,
    message_seq  integer not null,
    state        text    not null,
    attempts     integer not null,
    not_before   integer not null,
    parked_at    integer not null default {now},
    last_error   text,
    deliver_at   integer,
    channel      text    not null check (length(channel) <= 255),
    shard        integer not null,
    message_id   text    not null check (length(message_id) <= 200),
    destination  text    not null check (length(destination) <= 255),
    message_key  text             check (length(message_key) <= 255),
    type         text    not null check (length(type) <= 255),
    content_type text    not null check (length(content_type) <= 100),
    headers      text,
    payload      blob    not null,
    created_at   integer not null default {now}
);

-- What blocks a key, in the key's order: the heads of keys, what stands behind one, whether a key or a shard is blocked.
create index if not exists {name:parked_key} on {parked} (channel, shard, message_key, message_seq, parked_id)
    where state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING');

-- What becomes due, in that order.
create index if not exists {name:parked_due} on {parked} (channel, state, not_before);

-- Published messages, for relays that are told to keep them for a time.
create table if not exists {archive} (
    archive_id   integer not null primary key autoincrement,
    message_seq  integer not null,
    published_at integer not null default {now},
    channel      text    not null,
    shard        integer not null,
    message_id   text    not null,
    destination  text    not null,
    message_key  text,
    type         text    not null,
    content_type text    not null,
    headers      text,
    payload      blob    not null,
    created_at   integer not null
);

-- Finds one message.
create index if not exists {name:archive_message} on {archive} (message_id);

-- One heartbeat a relay and channel.
create table if not exists {relay} (
    channel    text    not null,
    relay_id   text    not null,
    expires_at integer not null,
    primary key (channel, relay_id)
) without rowid;

-- Who has which shard.
create table if not exists {lease} (
    channel text    not null,
    shard   integer not null,
    owner   text,
    epoch   integer not null default 0,
    primary key (channel, shard)
) without rowid;

-- What consumer groups have handled. content_hash, result: of requests with an idempotency key, else null.
create table if not exists {dedup} (
    consumer_group text    not null check (length(consumer_group) <= 200),
    message_id     text    not null check (length(message_id) <= 200),
    processed_at   integer not null default {now},
    content_hash   blob,
    result         blob,
    primary key (consumer_group, message_id)
);

-- Finds what is old enough to be forgotten.
create index if not exists {name:dedup_processed} on {dedup} (processed_at);

-- The version of these tables and the number of shards, which never changes.
create table if not exists {schema} (
    id      integer not null primary key,
    version integer not null,
    shards  integer not null
);

insert into {schema} (id, version, shards) select 1, 1, {shards} where not exists (select 1 from {schema});
