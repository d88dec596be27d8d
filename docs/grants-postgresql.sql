-- What each part of an application needs on the outbox tables of PostgreSQL, and no more. Run it as their owner, after
-- creating the roles. One role may be given several of the three parts.

-- Whoever publishes: writes messages, also scheduled ones, and reads the version of the tables.
grant usage on schema public to outbox_publisher;
grant select on outbox_schema to outbox_publisher;
grant insert on outbox_message, outbox_parked to outbox_publisher;

-- The relay, and whoever decides about dead letters.
grant usage on schema public to outbox_relay;
grant select on outbox_schema to outbox_relay;
grant select, delete on outbox_message to outbox_relay;
grant select, insert, delete on outbox_archive to outbox_relay;
grant select, insert, update, delete on outbox_parked, outbox_relay, outbox_lease to outbox_relay;

-- Whoever consumes: DELETE is for purge(), as is UPDATE, without which PostgreSQL locks no rows.
grant usage on schema public to outbox_consumer;
grant select on outbox_schema to outbox_consumer;
grant select, insert, delete, update (processed_at) on outbox_dedup to outbox_consumer;
