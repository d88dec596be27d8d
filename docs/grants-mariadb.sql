-- What each part of an application needs on the outbox tables of MariaDB or MySQL, and no more. Run it in their database,
-- after creating the users. One user may be given several of the three parts.

-- Whoever publishes: writes messages, also scheduled ones, and reads the version of the tables.
grant select on outbox_schema to 'outbox_publisher'@'%';
grant insert on outbox_message to 'outbox_publisher'@'%';
grant insert on outbox_parked to 'outbox_publisher'@'%';

-- The relay, and whoever decides about dead letters.
grant select on outbox_schema to 'outbox_relay'@'%';
grant select, delete on outbox_message to 'outbox_relay'@'%';
grant select, insert, update, delete on outbox_parked to 'outbox_relay'@'%';
grant select, insert, delete on outbox_archive to 'outbox_relay'@'%';
grant select, insert, update, delete on outbox_relay to 'outbox_relay'@'%';
grant select, insert, update, delete on outbox_lease to 'outbox_relay'@'%';
grant select, insert, update on outbox_durable to 'outbox_relay'@'%';

-- Whoever consumes: DELETE is for purge().
grant select on outbox_schema to 'outbox_consumer'@'%';
grant select, insert, delete on outbox_dedup to 'outbox_consumer'@'%';
grant select, insert, delete on outbox_durable to 'outbox_consumer'@'%';
