package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.TransactionRunner;
import io.outbox.consumer.DedupExpiry;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.TableNames;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.DedupStore;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.PayloadCodec;
import io.outbox.spi.Publisher;
import io.outbox.spi.RelayListener;
import java.sql.Connection;
import javax.sql.DataSource;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
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
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnBean(PlatformTransactionManager.class)
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
    @ConditionalOnMissingBean(OutboxStore.class)
    JdbcOutboxStore outboxStore(DataSource dataSource, TableNames names, OutboxProperties properties) {
        OutboxSchema schema = OutboxSchema.of(dataSource).withTables(names);
        switch (properties.schema().mode()) {
            case CREATE -> schema.create();
            case VALIDATE -> schema.verify();
            case NONE -> {}
        }
        return JdbcOutboxStore.of(dataSource, names);
    }

    @Bean
    @ConditionalOnMissingBean(DedupStore.class)
    JdbcDedupStore outboxDedupStore(DataSource dataSource, TableNames names, JdbcOutboxStore store) {
        return JdbcDedupStore.of(dataSource, names);
    }

    @Bean
    @ConditionalOnProperty("outbox.dedup.keep-for")
    DedupExpiry outboxDedupExpiry(DedupStore<Connection> dedup, OutboxProperties properties) {
        return DedupExpiry.builder(dedup, requireNonNull(properties.dedup().keepFor(), "outbox.dedup.keep-for"))
                .start();
    }

    @Bean
    @ConditionalOnMissingBean
    SpringTransactions outboxTransactions(DataSource dataSource, PlatformTransactionManager manager) {
        return SpringTransactions.of(dataSource, manager);
    }

    @Bean
    @ConditionalOnMissingBean
    Outbox<Connection> outboxOnConnections(
            JdbcOutboxStore store, ObjectProvider<MessageTypes> types, ObjectProvider<PayloadCodec> codec) {
        Outbox.Builder<Connection> builder = Outbox.builder(store);
        types.ifUnique(builder::types);
        codec.ifUnique(builder::codec);
        return builder.build();
    }

    @Bean
    @ConditionalOnMissingBean
    SpringOutbox springOutbox(Outbox<Connection> outbox, DataSource dataSource, ObjectProvider<Relay> relays) {
        return new SpringOutbox(outbox, dataSource, () -> relays.forEach(Relay::wake));
    }

    @Bean
    OutboxedListener outboxedListener(SpringOutbox outbox) {
        return new OutboxedListener(outbox);
    }

    @Bean
    @ConditionalOnBean(Publisher.class)
    @ConditionalOnMissingBean
    @ConditionalOnProperty(name = "outbox.relay.enabled", havingValue = "true", matchIfMissing = true)
    Relay outboxRelay(
            JdbcOutboxStore store,
            Publisher publisher,
            ObjectProvider<RetryPolicy> retries,
            ObjectProvider<RelayListener> listeners) {
        Relay.Builder builder = Relay.builder(store).publisher(publisher);
        retries.ifUnique(builder::retryPolicy);
        listeners.ifUnique(builder::listener);
        return builder.build();
    }

    @Bean
    @ConditionalOnBean(Relay.class)
    RelayLifecycle outboxRelayLifecycle(Relay relay, OutboxProperties properties) {
        return new RelayLifecycle(relay, properties.relay().stopTimeout());
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static OutboxAdvisor outboxAdvisor(
            ObjectProvider<SpringTransactions> transactions,
            ObjectProvider<SpringOutbox> outbox,
            ObjectProvider<DedupStore<Connection>> dedup) {
        TransactionRunner<Connection> lazily = new TransactionRunner<>() {
            @Override
            public <R, X extends Exception> R inTransaction(Work<Connection, R, X> work) throws X {
                return transactions.getObject().inTransaction(work);
            }
        };
        return new OutboxAdvisor(new OutboxInterceptor.Services(() -> lazily, outbox::getObject, dedup::getObject));
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static TransactionAdviceOrder outboxTransactionAdviceOrder() {
        return new TransactionAdviceOrder();
    }
}
