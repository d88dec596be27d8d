package io.outbox.spring;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.SenderContext;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Observations of publishing, which give messages the trace context, where Micrometer's registry of observations is. */
@AutoConfiguration(
        before = OutboxAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass({ObservationRegistry.class, SenderContext.class})
@ConditionalOnBean(ObservationRegistry.class)
public class ObservationOutboxAutoConfiguration {
    /** Made by Spring. */
    public ObservationOutboxAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean(PublishObserver.class)
    PublishObservations outboxPublishObservations(ObservationRegistry registry) {
        return new PublishObservations(registry);
    }
}
