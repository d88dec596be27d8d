package io.outbox.kafka;

import java.util.Set;

/** Header names of the CloudEvents Kafka protocol binding, binary mode, version 1.0. */
final class CloudEvents {
    static final String SPEC_VERSION = "ce_specversion";
    static final String ID = "ce_id";
    static final String TYPE = "ce_type";
    static final String SOURCE = "ce_source";
    static final String TIME = "ce_time";
    static final String CONTENT_TYPE = "content-type";

    /** What the library writes by itself; other {@code ce_} headers are extension attributes and the user's. */
    static final Set<String> RESERVED = Set.of(SPEC_VERSION, ID, TYPE, SOURCE, TIME, CONTENT_TYPE);

    private CloudEvents() {}
}
