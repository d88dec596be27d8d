package io.outbox.spring;

import io.outbox.spi.Publisher;

/**
 * Makes publishers: each relay needs its own, so where outboxes are in several data sources one publisher bean is not enough. There is a
 * bean for the broker on the class path; an application with a broker of its own declares one.
 */
@FunctionalInterface
public interface PublisherFactory {
    /**
     * Makes a publisher.
     *
     * @return a new one, which its user closes
     */
    Publisher create();
}
