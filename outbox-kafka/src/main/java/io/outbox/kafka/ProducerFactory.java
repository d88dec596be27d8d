package io.outbox.kafka;

import org.apache.kafka.clients.producer.Producer;

/** Makes producers, without contacting brokers; looking their names up may take time. */
@FunctionalInterface
interface ProducerFactory {
    Producer<byte[], byte[]> make(boolean forSuspects);
}
