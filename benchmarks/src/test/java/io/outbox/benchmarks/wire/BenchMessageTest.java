package io.outbox.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BenchMessageTest {
    @Test
    void payload_hasItsLengthAndIsReadBack() {
        BenchMessage message = new BenchMessage(123_456_789_012L, 999, 2_000_000_000);

        byte[] payload = message.bytes(BenchMessage.padding(512));

        assertThat(payload).hasSize(512);
        assertThat(BenchMessage.read(payload)).isEqualTo(message);
    }

    @Test
    void id_followsFromTheNumber() {
        assertThat(new BenchMessage(42, 0, 0).id()).isEqualTo("00000000-0000-7000-8000-000000000042");
    }

    @Test
    void read_foreignPayload_isRefused() {
        assertThatThrownBy(() -> BenchMessage.read(new byte[512])).isInstanceOf(IllegalArgumentException.class);
    }
}
