package io.outbox.spring;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.outbox.relay.Relay;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The relay's meters, where Micrometer is. */
@AutoConfiguration(after = OutboxAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(Relay.class)
public class OutboxMetricsAutoConfiguration {
    /** Made by Spring. */
    public OutboxMetricsAutoConfiguration() {}

    @Bean
    MeterBinder outboxMetrics(OutboxUnits units) {
        return registry ->
                units.relays().forEach((dataSource, relay) -> new OutboxMetrics(dataSource, relay).bindTo(registry));
    }
}
