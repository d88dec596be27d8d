package io.outbox.spring.test;

import io.outbox.relay.Relay;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** The publisher of tests, in whose favour that of the broker is not made. */
@Configuration(proxyBeanMethods = false)
class OutboxTestConfiguration {
    @Bean
    @Primary
    PublishedMessages publishedMessages(ObjectProvider<Relay> relays) {
        return new PublishedMessages(() -> relays.stream().toList());
    }
}
