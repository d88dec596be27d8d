-- Outbox tables, version 1, for MariaDB 10.6 and MySQL 8.0.17 and newer.
-- Times are UTC. Texts compare by code point and without padding, so that keys which look alike do not merge.

-- The hot table: appended to and deleted from, never updated; one index, in which rows stand in the order of their ids.
create table if not exists {message} (
    id           bigint       not null auto_increment primary key,
    channel      varchar(255) not null,
    shard        smallint     not null,
    message_id   varchar(200) not null,
    destination  varchar(255) not null,
    message_key  varchar(255),
    type         varchar(255) not null,
    content_type varchar(100) not null,
    headers      mediumtext,
    payload      longblob     not null,
    created_at   datetime(6)  not null default (utc_timestamp(6))
) engine = InnoDB row_format = dynamic character set utf8mb4 collate {exact};

-- Messages off the hot path: retries, scheduled messages, dead letters.
-- parked_key: what blocks a key, in the key's order. parked_due: what becomes due, in that order. parked_free: the same for
-- messages without a key, of which one letter tells.
create table if not exists {parked} (
    parked_id    bigint       not null auto_increment primary key,
    message_seq  bigint       not null,
    state        varchar(16)  not null,
    attempts     integer      not null,
    not_before   datetime(6)  not null,
    parked_at    datetime(6)  not null default (utc_timestamp(6)),
    last_error   mediumtext,
    deliver_at   datetime(6),
    channel      varchar(255) not null,
    shard        smallint     not null,
    message_id   varchar(200) not null,
    destination  varchar(255) not null,
    message_key  varchar(255),
    type         varchar(255) not null,
    content_type varchar(100) not null,
    headers      mediumtext,
    payload      longblob     not null,
    created_at   datetime(6)  not null default (utc_timestamp(6)),
    key {name:parked_key} (channel, shard, message_key, message_seq, parked_id),
    key {name:parked_due} (channel, state, not_before),
    key {name:parked_free} (channel, message_key(1), state, not_before, shard)
) engine = InnoDB row_format = dynamic character set utf8mb4 collate {exact};

-- Published messages, for relays that are told to keep them for a time. archive_message: finds one message.
create table if not exists {archive} (
    archive_id   bigint       not null auto_increment primary key,
    message_seq  bigint       not null,
    published_at datetime(6)  not null default (utc_timestamp(6)),
    channel      varchar(255) not null,
    shard        smallint     not null,
    message_id   varchar(200) not null,
    destination  varchar(255) not null,
    message_key  varchar(255),
    type         varchar(255) not null,
    content_type varchar(100) not null,
    headers      mediumtext,
    payload      longblob     not null,
    created_at   datetime(6)  not null,
    key {name:archive_message} (message_id)
) engine = InnoDB row_format = dynamic character set utf8mb4 collate {exact};

-- One heartbeat a relay and channel.
create table if not exists {relay} (
    channel    varchar(255) not null,
    relay_id   varchar(255) not null,
    expires_at datetime(6)  not null,
    primary key (channel, relay_id)
) engine = InnoDB row_format = dynamic character set utf8mb4 collate {exact};

-- Who has which shard.
create table if not exists {lease} (
    channel varchar(255) not null,
    shard   smallint     not null,
    owner   varchar(255),
    epoch   bigint       not null default 0,
    primary key (channel, shard)
) engine = InnoDB row_format = dynamic character set utf8mb4 collate {exact};

-- What consumer groups have handled. dedup_processed: finds what is old enough to be forgotten. content_hash, result: of requests
-- with an idempotency key, else null.
create table if not exists {dedup} (
    consumer_group varchar(200) not null,
    message_id     varchar(200) not null,
    processed_at   datetime(6)  not null default (utc_timestamp(6)),
    content_hash   binary(32),
    result         mediumblob,
    primary key (consumer_group, message_id),
    key {name:dedup_processed} (processed_at)
) engine = InnoDB row_format = dynamic character set utf8mb4 collate {exact};

-- Written to make what was read durable, where there is no binary log: by relays one row, by consumers rows of a moment.
create table if not exists {durable} (
    id     bigint not null primary key,
    writes bigint not null
) engine = InnoDB;

-- The version of these tables and the number of shards, which never changes.
create table if not exists {schema} (
    id      smallint not null primary key,
    version integer  not null,
    shards  integer  not null
) engine = InnoDB;

insert into {schema} (id, version, shards) select 1, 1, {shards} from dual where not exists (select 1 from {schema});
