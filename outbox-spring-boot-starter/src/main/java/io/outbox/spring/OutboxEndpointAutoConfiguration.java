package io.outbox.spring;

import io.outbox.jdbc.JdbcOutboxStore;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The actuator endpoint of the outbox. */
@AutoConfiguration(after = OutboxAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(JdbcOutboxStore.class)
public class OutboxEndpointAutoConfiguration {
    /** Made by Spring. */
    public OutboxEndpointAutoConfiguration() {}

    @Bean
    @ConditionalOnAvailableEndpoint(OutboxEndpoint.class)
    @ConditionalOnMissingBean
    OutboxEndpoint outboxEndpoint(OutboxUnits units) {
        return new OutboxEndpoint(units);
    }
}
