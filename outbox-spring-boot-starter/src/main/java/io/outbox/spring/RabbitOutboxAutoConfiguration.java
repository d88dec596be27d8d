package io.outbox.spring;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.rabbit.RabbitPublisher;
import io.outbox.spi.Publisher;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The publisher for RabbitMQ, with {@code spring.rabbitmq.*} (hosts, credentials, virtual host, SSL bundle) and service connections. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration",
            "io.outbox.spring.KafkaOutboxAutoConfiguration"
        })
@ConditionalOnClass({RabbitPublisher.class, RabbitConnectionDetails.class})
@ConditionalOnBean(RabbitConnectionDetails.class)
@ConditionalOnProperty(name = "outbox.broker", havingValue = "rabbit", matchIfMissing = true)
@EnableConfigurationProperties(OutboxProperties.class)
public class RabbitOutboxAutoConfiguration {
    /** Made by Spring. */
    public RabbitOutboxAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean({Publisher.class, PublisherFactory.class})
    PublisherFactory outboxRabbitPublishers(
            RabbitConnectionDetails connection, OutboxProperties properties, Environment environment) {
        ConnectionFactory factory = new ConnectionFactory();
        if (connection.getUsername() != null) {
            factory.setUsername(connection.getUsername());
        }
        if (connection.getPassword() != null) {
            factory.setPassword(connection.getPassword());
        }
        if (connection.getVirtualHost() != null) {
            factory.setVirtualHost(connection.getVirtualHost());
        }
        SslBundle ssl = connection.getSslBundle();
        if (ssl != null) {
            factory.useSslProtocol(ssl.createSslContext());
            factory.enableHostnameVerification();
        }
        return () -> RabbitPublisher.builder(factory)
                .addresses(connection.getAddresses().stream()
                        .map(address -> new Address(address.host(), address.port()))
                        .toList())
                .source(Sources.of(properties, environment))
                .build();
    }
}
