package io.outbox.spring;

import org.springframework.core.env.Environment;

/** The sender's name. */
final class Sources {
    private Sources() {}

    static String of(OutboxProperties properties, Environment environment) {
        String source = properties.source();
        return source != null ? source : "/" + environment.getProperty("spring.application.name", "outbox");
    }
}
