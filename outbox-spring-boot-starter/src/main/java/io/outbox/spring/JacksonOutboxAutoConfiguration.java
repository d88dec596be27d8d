package io.outbox.spring;

import io.outbox.spi.PayloadCodec;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.json.JsonMapper;

/** Payloads are encoded by the application's own mapper, where it has one. */
@AutoConfiguration(
        before = OutboxAutoConfiguration.class,
        afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass(JsonMapper.class)
@ConditionalOnBean(JsonMapper.class)
public class JacksonOutboxAutoConfiguration {
    /** Made by Spring. */
    public JacksonOutboxAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean(PayloadCodec.class)
    JsonMapperPayloadCodec outboxPayloadCodec(JsonMapper mapper) {
        return new JsonMapperPayloadCodec(mapper);
    }
}
