package io.outbox.spring;

import io.outbox.relay.Relay;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** The relay's part of the application's health. */
@AutoConfiguration(after = OutboxAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Relay.class)
public class OutboxHealthAutoConfiguration {
    /** Made by Spring. */
    public OutboxHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnEnabledHealthIndicator("outbox")
    @ConditionalOnMissingBean
    OutboxHealthIndicator outboxHealthIndicator(OutboxUnits units) {
        return new OutboxHealthIndicator(units);
    }
}
