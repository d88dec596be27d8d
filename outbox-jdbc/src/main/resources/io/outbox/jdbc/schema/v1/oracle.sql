-- Outbox tables, version 1, for Oracle Database 19c and newer. Not tested yet.
-- Times are UTC. Oracle takes an empty payload for none, so that this column is null there. The database's character set
-- must be AL32UTF8, and NLS_COMP must be BINARY, as it is by default, or keys that look alike merge.
-- Each block is one statement and passes over what is there.

-- The hot table: appended to and deleted from, never updated; one index. Order: ids ascend over all instances of a cluster.
begin
    execute immediate 'create table {message} (
        id           number(19) generated always as identity (cache 1000 order) primary key,
        channel      varchar2(255 char)             not null,
        shard        number(5)                      not null,
        message_id   varchar2(200 char)             not null,
        destination  varchar2(255 char)             not null,
        message_key  varchar2(255 char),
        type         varchar2(255 char)             not null,
        content_type varchar2(100 char)             not null,
        headers      clob,
        payload      blob,
        created_at   timestamp(6) default sys_extract_utc(systimestamp) not null
    )';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- Messages off the hot path: retries, scheduled messages, dead letters.
begin
    execute immediate 'create table {parked} (
        parked_id    number(19) generated always as identity (cache 100 order) primary key,
        message_seq  number(19)                     not null,
        state        varchar2(16 char)              not null,
        attempts     number(10)                     not null,
        not_before   timestamp(6)                   not null,
        parked_at    timestamp(6) default sys_extract_utc(systimestamp) not null,
        last_error   varchar2(4000),
        deliver_at   timestamp(6),
        channel      varchar2(255 char)             not null,
        shard        number(5)                      not null,
        message_id   varchar2(200 char)             not null,
        destination  varchar2(255 char)             not null,
        message_key  varchar2(255 char),
        type         varchar2(255 char)             not null,
        content_type varchar2(100 char)             not null,
        headers      clob,
        payload      blob,
        created_at   timestamp(6) default sys_extract_utc(systimestamp) not null
    )';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- What blocks a key, in the key's order.
begin
    execute immediate 'create index {name:parked_key} on {parked} (channel, shard, message_key, message_seq, parked_id)';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- What becomes due, in that order.
begin
    execute immediate 'create index {name:parked_due} on {parked} (channel, state, not_before)';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- Published messages, for relays that are told to keep them for a time.
begin
    execute immediate 'create table {archive} (
        archive_id   number(19) generated always as identity (cache 1000 order) primary key,
        message_seq  number(19)                     not null,
        published_at timestamp(6) default sys_extract_utc(systimestamp) not null,
        channel      varchar2(255 char)             not null,
        shard        number(5)                      not null,
        message_id   varchar2(200 char)             not null,
        destination  varchar2(255 char)             not null,
        message_key  varchar2(255 char),
        type         varchar2(255 char)             not null,
        content_type varchar2(100 char)             not null,
        headers      clob,
        payload      blob,
        created_at   timestamp(6)                   not null
    )';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- Finds one message.
begin
    execute immediate 'create index {name:archive_message} on {archive} (message_id)';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- One heartbeat a relay and channel.
begin
    execute immediate 'create table {relay} (
        channel    varchar2(255 char) not null,
        relay_id   varchar2(255 char) not null,
        expires_at timestamp(6)       not null,
        primary key (channel, relay_id)
    )';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- Who has which shard.
begin
    execute immediate 'create table {lease} (
        channel varchar2(255 char)    not null,
        shard   number(5)             not null,
        owner   varchar2(255 char),
        epoch   number(19)  default 0 not null,
        primary key (channel, shard)
    )';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- What consumer groups have handled. content_hash, result: of requests with an idempotency key, else null.
begin
    execute immediate 'create table {dedup} (
        consumer_group varchar2(200 char) not null,
        message_id     varchar2(200 char) not null,
        processed_at   timestamp(6) default sys_extract_utc(systimestamp) not null,
        content_hash   raw(32),
        result         blob,
        primary key (consumer_group, message_id)
    )';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- Finds what is old enough to be forgotten.
begin
    execute immediate 'create index {name:dedup_processed} on {dedup} (processed_at)';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

-- The version of these tables and the number of shards, which never changes.
begin
    execute immediate 'create table {schema} (
        id      number(5)  not null primary key,
        version number(10) not null,
        shards  number(10) not null
    )';
exception
    when others then if sqlcode <> -955 then raise; end if;
end;
/

insert into {schema} (id, version, shards) select 1, 1, {shards} from dual where not exists (select 1 from {schema});
