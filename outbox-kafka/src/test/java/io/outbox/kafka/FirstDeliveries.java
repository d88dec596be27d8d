package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a topic holds of messages whose payload is a number, that were written in the order of these numbers, round robin
 * over keys {@code k0}, {@code k1} …
 */
record FirstDeliveries(Map<String, List<Integer>> byKey, int duplicates) {
    static FirstDeliveries of(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<String, List<Integer>> byKey = new TreeMap<>();
        Set<Integer> seen = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            int number = Integer.parseInt(new String(record.value(), StandardCharsets.UTF_8).trim());
            if (seen.add(number)) {
                byKey.computeIfAbsent(new String(record.key(), StandardCharsets.UTF_8), key -> new ArrayList<>())
                        .add(number);
            }
        }
        return new FirstDeliveries(byKey, records.size() - seen.size());
    }

    void assertComplete(int messages, int keys) {
        for (List<Integer> numbers : byKey.values()) {
            assertThat(numbers).isSorted();
        }
        assertThat(byKey).hasSize(keys);
        assertThat(byKey.values().stream().mapToInt(List::size).sum()).isEqualTo(messages);
    }
}
