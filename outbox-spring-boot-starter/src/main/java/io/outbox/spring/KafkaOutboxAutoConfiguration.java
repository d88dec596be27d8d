package io.outbox.spring;

import io.outbox.kafka.KafkaPublisher;
import io.outbox.spi.Publisher;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.kafka.autoconfigure.SslBundleSslEngineFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** The publisher for Kafka, with {@code spring.kafka.*} and service connections. */
@AutoConfiguration(afterName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@ConditionalOnClass({KafkaPublisher.class, KafkaProperties.class})
@ConditionalOnBean(KafkaProperties.class)
@ConditionalOnProperty(name = "outbox.broker", havingValue = "kafka", matchIfMissing = true)
@EnableConfigurationProperties(OutboxProperties.class)
public class KafkaOutboxAutoConfiguration {
    /** Made by Spring. */
    public KafkaOutboxAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean({Publisher.class, PublisherFactory.class})
    PublisherFactory outboxKafkaPublishers(
            KafkaProperties kafka,
            KafkaConnectionDetails connection,
            OutboxProperties properties,
            Environment environment) {
        Map<String, Object> settings = new HashMap<>(kafka.buildProducerProperties());
        KafkaConnectionDetails.Configuration producer = connection.getProducer();
        settings.put("bootstrap.servers", String.join(",", producer.getBootstrapServers()));
        if (StringUtils.hasLength(producer.getSecurityProtocol())) {
            settings.put("security.protocol", producer.getSecurityProtocol());
        }
        SslBundle ssl = producer.getSslBundle();
        if (ssl != null) {
            settings.put("ssl.engine.factory.class", SslBundleSslEngineFactory.class);
            settings.put(SslBundle.class.getName(), ssl);
        }
        // the outbox has encoded keys and values already
        settings.remove("key.serializer");
        settings.remove("value.serializer");
        return () -> KafkaPublisher.builder(settings)
                .source(Sources.of(properties, environment))
                .build();
    }
}
