package io.outbox.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;

/** A header as it goes over the wire. Immutable by convention: the value is not copied, and may be shared by many records. */
record WireHeader(String key, byte[] value) implements Header {
    static WireHeader of(String name, String text) {
        return new WireHeader(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
