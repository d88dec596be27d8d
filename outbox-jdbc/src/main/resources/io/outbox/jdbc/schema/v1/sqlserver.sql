-- Outbox tables, version 1, for Microsoft SQL Server 2017 and newer. Not tested yet.
-- Times are UTC. SQL Server pads texts with blanks when it compares them, whatever the collation; where texts that differ in
-- blanks at their end must not merge, their bytes are compared (key_bytes, id_bytes).
-- Recommended: alter database current set read_committed_snapshot on;

-- The hot table: appended to and deleted from, never updated; one index.
if object_id(N'{message}', N'U') is null create table {message} (
    id           bigint identity not null primary key clustered,
    channel      nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    shard        smallint        not null,
    message_id   nvarchar(200)   collate Latin1_General_100_BIN2 not null,
    destination  nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    message_key  nvarchar(255)   collate Latin1_General_100_BIN2,
    type         nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    content_type nvarchar(100)   collate Latin1_General_100_BIN2 not null,
    headers      nvarchar(max)   collate Latin1_General_100_BIN2,
    payload      varbinary(max)  not null,
    created_at   datetime2(6)    not null default sysutcdatetime()
);

-- No lock of the whole table, which a relay could not read past.
alter table {message} set (lock_escalation = disable);

-- Messages off the hot path: retries, scheduled messages, dead letters.
-- parked_key: what blocks a key, in the key's order. parked_due: what becomes due, in that order.
if object_id(N'{parked}', N'U') is null create table {parked} (
    parked_id    bigint identity not null primary key clustered,
    message_seq  bigint          not null,
    state        nvarchar(16)    collate Latin1_General_100_BIN2 not null,
    attempts     integer         not null,
    not_before   datetime2(6)    not null,
    parked_at    datetime2(6)    not null default sysutcdatetime(),
    last_error   nvarchar(max)   collate Latin1_General_100_BIN2,
    deliver_at   datetime2(6),
    channel      nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    shard        smallint        not null,
    message_id   nvarchar(200)   collate Latin1_General_100_BIN2 not null,
    destination  nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    message_key  nvarchar(255)   collate Latin1_General_100_BIN2,
    type         nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    content_type nvarchar(100)   collate Latin1_General_100_BIN2 not null,
    headers      nvarchar(max)   collate Latin1_General_100_BIN2,
    payload      varbinary(max)  not null,
    created_at   datetime2(6)    not null default sysutcdatetime(),
    key_bytes    as cast(message_key as varbinary(510)) persisted,
    index {name:parked_key} nonclustered (channel, shard, key_bytes, message_seq, parked_id),
    index {name:parked_due} nonclustered (channel, state, not_before)
);

alter table {parked} set (lock_escalation = disable);

-- Published messages, for relays that are told to keep them for a time. archive_message: finds one message.
if object_id(N'{archive}', N'U') is null create table {archive} (
    archive_id   bigint identity not null primary key clustered,
    message_seq  bigint          not null,
    published_at datetime2(6)    not null default sysutcdatetime(),
    channel      nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    shard        smallint        not null,
    message_id   nvarchar(200)   collate Latin1_General_100_BIN2 not null,
    destination  nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    message_key  nvarchar(255)   collate Latin1_General_100_BIN2,
    type         nvarchar(255)   collate Latin1_General_100_BIN2 not null,
    content_type nvarchar(100)   collate Latin1_General_100_BIN2 not null,
    headers      nvarchar(max)   collate Latin1_General_100_BIN2,
    payload      varbinary(max)  not null,
    created_at   datetime2(6)    not null,
    index {name:archive_message} nonclustered (message_id)
);

-- One heartbeat a relay and channel.
if object_id(N'{relay}', N'U') is null create table {relay} (
    channel    nvarchar(255) collate Latin1_General_100_BIN2 not null,
    relay_id   nvarchar(255) collate Latin1_General_100_BIN2 not null,
    expires_at datetime2(6)  not null,
    primary key nonclustered (channel, relay_id)
);

-- Who has which shard.
if object_id(N'{lease}', N'U') is null create table {lease} (
    channel nvarchar(255) collate Latin1_General_100_BIN2 not null,
    shard   smallint      not null,
    owner   nvarchar(255) collate Latin1_General_100_BIN2,
    epoch   bigint        not null default 0,
    primary key clustered (channel, shard)
);

-- What consumer groups have handled. dedup_processed: finds what is old enough to be forgotten. content_hash, result: of requests
-- with an idempotency key, else null.
if object_id(N'{dedup}', N'U') is null create table {dedup} (
    consumer_group nvarchar(200)  collate Latin1_General_100_BIN2 not null,
    message_id     nvarchar(200)  collate Latin1_General_100_BIN2 not null,
    processed_at   datetime2(6)   not null default sysutcdatetime(),
    content_hash   varbinary(32),
    result         varbinary(max),
    id_bytes       as cast(message_id as varbinary(510)) persisted not null,
    primary key nonclustered (consumer_group, id_bytes),
    index {name:dedup_processed} clustered (processed_at)
);

-- The version of these tables and the number of shards, which never changes.
if object_id(N'{schema}', N'U') is null create table {schema} (
    id      smallint not null primary key,
    version integer  not null,
    shards  integer  not null
);

insert into {schema} (id, version, shards) select 1, 1, {shards} where not exists (select 1 from {schema});
