package io.outbox.kafka;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the headers of a record: CloudEvents in binary mode, then the user's. Thread-safe. */
final class RecordEncoder {
    private static final Logger LOG = LoggerFactory.getLogger(RecordEncoder.class);
    private static final Header VERSION = WireHeader.of(CloudEvents.SPEC_VERSION, "1.0");
    /** Types and content types are few; the limit is for an application that makes them up. */
    private static final int MAX_CACHED = 1000;

    private static final int OWN_HEADERS = 6;

    private final Header source;
    private final WireTime times = new WireTime();
    private final Map<String, Header> types = new ConcurrentHashMap<>();
    private final Map<String, Header> contentTypes = new ConcurrentHashMap<>();
    private final Map<String, Boolean> warned = new ConcurrentHashMap<>();

    RecordEncoder(String source) {
        this.source = WireHeader.of(CloudEvents.SOURCE, source);
    }

    List<Header> headers(StoredMessage stored) {
        OutboxRecord message = stored.message();
        List<Header> headers = new ArrayList<>(OWN_HEADERS + message.headers().size());
        headers.add(VERSION);
        headers.add(WireHeader.of(CloudEvents.ID, message.messageId()));
        headers.add(cached(types, CloudEvents.TYPE, message.type()));
        headers.add(source);
        headers.add(new WireHeader(CloudEvents.TIME, times.format(stored.createdAt())));
        headers.add(cached(contentTypes, CloudEvents.CONTENT_TYPE, message.contentType()));
        if (!message.headers().isEmpty()) {
            addUserHeaders(headers, message.headers());
        }
        return headers;
    }

    private void addUserHeaders(List<Header> headers, Map<String, String> user) {
        for (Map.Entry<String, String> header : user.entrySet()) {
            String name = header.getKey();
            if (!CloudEvents.RESERVED.contains(name)) {
                headers.add(WireHeader.of(name, header.getValue()));
            } else if (warned.putIfAbsent(name, true) == null) {
                LOG.warn("Header '{}' of a message was left out: the library writes it. Said once.", name);
            }
        }
    }

    static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }

    private static Header cached(Map<String, Header> cache, String name, String text) {
        Header header = cache.get(text);
        if (header == null) {
            header = WireHeader.of(name, text);
            if (cache.size() < MAX_CACHED) {
                cache.put(text, header);
            }
        }
        return header;
    }
}
