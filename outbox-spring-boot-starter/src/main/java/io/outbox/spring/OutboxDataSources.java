package io.outbox.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.NamedBeanHolder;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;

/** Finds the data sources that have an outbox, and their transaction managers. */
final class OutboxDataSources {
    private final ConfigurableListableBeanFactory beans;

    OutboxDataSources(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    /** Those of the given names; without names, the only or primary one. */
    List<OutboxDataSource> find(List<String> names) {
        if (names.isEmpty()) {
            try {
                NamedBeanHolder<DataSource> only = beans.resolveNamedBean(DataSource.class);
                return List.of(withManager(only.getBeanName(), only.getBeanInstance()));
            } catch (NoUniqueBeanDefinitionException e) {
                throw new IllegalStateException(
                        "several DataSources, none of them primary: set outbox.data-sources to those that have outbox tables, of "
                                + e.getBeanNamesFound(),
                        e);
            }
        }
        Map<String, DataSource> known = beans.getBeansOfType(DataSource.class);
        List<OutboxDataSource> found = new ArrayList<>();
        for (String name : names) {
            DataSource dataSource = known.get(name);
            if (dataSource == null) {
                throw new IllegalStateException("outbox.data-sources names '" + name
                        + "', which is no DataSource; there are " + known.keySet());
            }
            found.add(withManager(name, dataSource));
        }
        return found;
    }

    private OutboxDataSource withManager(String name, DataSource bean) {
        DataSource dataSource = bean instanceof TransactionAwareDataSourceProxy proxy
                ? Optional.ofNullable(proxy.getTargetDataSource()).orElse(bean)
                : bean;
        return new OutboxDataSource(name, dataSource, manager(name, dataSource));
    }

    /** The one that says it is for the data source; else the only one, such as JTA's. */
    private PlatformTransactionManager manager(String name, DataSource dataSource) {
        Map<String, PlatformTransactionManager> all = beans.getBeansOfType(PlatformTransactionManager.class);
        if (all.size() == 1) {
            return all.values().iterator().next();
        }
        List<String> fitting = all.entrySet().stream()
                .filter(entry -> dataSourceOf(entry.getValue()) == dataSource)
                .map(Map.Entry::getKey)
                .toList();
        List<String> primary = fitting.stream().filter(this::isPrimary).toList();
        if (primary.size() == 1 || fitting.size() == 1) {
            return beans.getBean((primary.size() == 1 ? primary : fitting).get(0), PlatformTransactionManager.class);
        }
        throw new IllegalStateException(
                "the DataSource '" + name + "' needs one transaction manager, or one that is primary; of "
                        + all.keySet() + " these are for it: " + fitting);
    }

    private boolean isPrimary(String bean) {
        return beans.containsBeanDefinition(bean)
                && beans.getBeanDefinition(bean).isPrimary();
    }

    /** The managers for JDBC, JPA and Hibernate have no type in common that would tell. */
    private static @Nullable Object dataSourceOf(PlatformTransactionManager manager) {
        BeanWrapper properties = new BeanWrapperImpl(manager);
        return properties.isReadableProperty("dataSource") ? properties.getPropertyValue("dataSource") : null;
    }
}
