-- What Debezium reads of the outbox table on PostgreSQL 15 and newer: insertions, of the channel that goes to Kafka.
-- Needs wal_level = logical. Run it before the connector starts; the slot keeps what is written from now on.
create publication outbox_debezium for table outbox_message where (channel = 'default') with (publish = 'insert');
select pg_create_logical_replication_slot('outbox_debezium', 'pgoutput');
