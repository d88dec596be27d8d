package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.consumer.DedupExpiry;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.TableNames;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.DedupStore;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.PayloadCodec;
import io.outbox.spi.Publisher;
import io.outbox.spi.RelayListener;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Role;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * An outbox on the application's DataSource that joins its transactions, and, where there is a publisher, a running relay. Each bean
 * gives way to one of the application's own.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
            "org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration",
            "io.outbox.spring.KafkaOutboxAutoConfiguration",
            "io.outbox.spring.RabbitOutboxAutoConfiguration"
        })
@ConditionalOnProperty(name = "outbox.enabled", havingValue = "true", matchIfMissing = true)
@ConditionalOnBean({DataSource.class, PlatformTransactionManager.class})
@EnableConfigurationProperties(OutboxProperties.class)
@Import(OutboxAutoConfiguration.Proxies.class)
public class OutboxAutoConfiguration {
    /** Made by Spring. */
    public OutboxAutoConfiguration() {}

    /** Has Spring make proxies, where nothing else does. */
    static final class Proxies implements ImportBeanDefinitionRegistrar {
        @Override
        public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
            AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
        }
    }

    @Bean
    @ConditionalOnMissingBean
    TableNames outboxTableNames(OutboxProperties properties) {
        TableNames names = TableNames.standard().withPrefix(properties.schema().prefix());
        String schema = properties.schema().name();
        return schema == null ? names : names.withSchema(schema);
    }

    @Bean
    OutboxParts outboxParts(
            OutboxProperties properties,
            TableNames names,
            ObjectProvider<MessageTypes> types,
            ObjectProvider<PayloadCodec> codec,
            ObjectProvider<RetryPolicy> retries,
            ObjectProvider<RelayListener> listeners) {
        return new OutboxParts(properties, names, types, codec, retries, listeners);
    }

    /** The data source whose outbox is made of beans. */
    @Bean
    @ConditionalOnMissingBean
    OutboxDataSource outboxDataSource(ConfigurableListableBeanFactory beans, OutboxProperties properties) {
        return new OutboxDataSources(beans)
                .find(properties.dataSources().stream().limit(1).toList())
                .get(0);
    }

    @Bean
    @ConditionalOnMissingBean(OutboxStore.class)
    JdbcOutboxStore outboxStore(OutboxDataSource source, OutboxParts parts) {
        return parts.store(source.dataSource());
    }

    @Bean
    @ConditionalOnMissingBean(DedupStore.class)
    JdbcDedupStore outboxDedupStore(OutboxDataSource source, OutboxParts parts, JdbcOutboxStore store) {
        return parts.dedup(source.dataSource());
    }

    @Bean
    @ConditionalOnProperty("outbox.dedup.keep-for")
    DedupExpiry outboxDedupExpiry(DedupStore<Connection> dedup, OutboxProperties properties) {
        return DedupExpiry.builder(dedup, requireNonNull(properties.dedup().keepFor(), "outbox.dedup.keep-for"))
                .start();
    }

    @Bean
    @ConditionalOnMissingBean
    SpringTransactions outboxTransactions(OutboxDataSource source) {
        return SpringTransactions.of(source.dataSource(), source.manager());
    }

    @Bean
    @ConditionalOnMissingBean
    Outbox<Connection> outboxOnConnections(JdbcOutboxStore store, OutboxParts parts) {
        return parts.outbox(store);
    }

    /** The outbox that is made of beans. */
    @Bean
    OutboxUnit outboxUnit(
            OutboxDataSource source,
            SpringTransactions transactions,
            JdbcOutboxStore store,
            DedupStore<Connection> dedup,
            Outbox<Connection> outbox,
            ObjectProvider<Relay> relays) {
        return new OutboxUnit(
                new OutboxTarget(source, outbox, transactions, () -> relays.forEach(Relay::wake)),
                store,
                dedup,
                () -> relays.stream().toList());
    }

    @Bean
    OutboxUnits outboxUnits(
            OutboxUnit first,
            ConfigurableListableBeanFactory beans,
            OutboxParts parts,
            ObjectProvider<PublisherFactory> publishers) {
        OutboxUnits units = new OutboxUnits(first);
        List<String> names = parts.properties().dataSources();
        if (names.size() > 1) {
            Optional<PublisherFactory> factory = Optional.of(publishers)
                    .filter(any -> parts.properties().relay().enabled())
                    .map(ObjectProvider::getIfUnique);
            new OutboxDataSources(beans)
                    .find(names.subList(1, names.size()))
                    .forEach(source -> units.add(source, parts, factory));
        }
        return units;
    }

    @Bean
    @ConditionalOnMissingBean
    SpringOutbox springOutbox(
            OutboxUnits units, OutboxProperties properties, ObjectProvider<PublishObserver> observers) {
        PublishObserver observer = observers.getIfUnique();
        return new SpringOutbox(
                units.targets(),
                new SpringOutbox.Settings(
                        properties.transactionRequired(), observer == null ? UnaryOperator.identity() : observer));
    }

    @Bean
    OutboxedListener outboxedListener(SpringOutbox outbox) {
        return new OutboxedListener(outbox);
    }

    @Bean
    @ConditionalOnBean(PublisherFactory.class)
    @ConditionalOnMissingBean
    Publisher outboxPublisher(PublisherFactory publishers) {
        return publishers.create();
    }

    @Bean
    @ConditionalOnBean(Publisher.class)
    @ConditionalOnMissingBean
    @ConditionalOnProperty(name = "outbox.relay.enabled", havingValue = "true", matchIfMissing = true)
    Relay outboxRelay(JdbcOutboxStore store, Publisher publisher, OutboxParts parts) {
        return parts.relay(store, publisher);
    }

    @Bean
    @ConditionalOnBean(Relay.class)
    RelayLifecycle outboxRelayLifecycle(OutboxUnits units, OutboxProperties properties) {
        return new RelayLifecycle(units, properties.relay().stopTimeout());
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static OutboxAdvisor outboxAdvisor(ObjectProvider<OutboxUnits> units, ObjectProvider<SpringOutbox> outbox) {
        return new OutboxAdvisor(new OutboxInterceptor(units::getObject, outbox::getObject));
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static TransactionListening outboxTransactionListening() {
        return new TransactionListening();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static TransactionAdviceOrder outboxTransactionAdviceOrder() {
        return new TransactionAdviceOrder();
    }
}
