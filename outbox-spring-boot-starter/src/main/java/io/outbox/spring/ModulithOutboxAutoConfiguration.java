package io.outbox.spring;

import io.outbox.MessageTypes;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.modulith.events.EventExternalizationConfiguration;
import org.springframework.modulith.events.ExternalizationMode;

/** Spring Modulith's externalized events go to the outbox, in its outbox mode. */
@AutoConfiguration(
        after = OutboxAutoConfiguration.class,
        afterName = "org.springframework.modulith.events.config.EventExternalizationAutoConfiguration")
@ConditionalOnClass({EventExternalizationConfiguration.class, ExternalizationMode.class})
@ConditionalOnProperty(name = ExternalizationMode.PROPERTY, havingValue = "outbox")
@ConditionalOnProperty(
        name = "spring.modulith.events.externalization.enabled",
        havingValue = "true",
        matchIfMissing = true)
@ConditionalOnBean({SpringOutbox.class, EventExternalizationConfiguration.class})
public class ModulithOutboxAutoConfiguration {
    /** Made by Spring. */
    public ModulithOutboxAutoConfiguration() {}

    @Bean
    ExternalizedListener outboxExternalizedListener(
            EventExternalizationConfiguration configuration,
            SpringOutbox outbox,
            ObjectProvider<MessageTypes> types,
            BeanFactory beans) {
        return new ExternalizedListener(configuration, outbox, types.getIfUnique(MessageTypes::none), beans);
    }
}
