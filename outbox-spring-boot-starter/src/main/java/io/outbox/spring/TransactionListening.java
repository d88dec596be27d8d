package io.outbox.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Has every transaction manager tell of its transactions, so that each has an {@link OutboxTransaction}. */
final class TransactionListening implements BeanPostProcessor {
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ConfigurableTransactionManager configurable
                && bean instanceof PlatformTransactionManager manager) {
            configurable.addListener(new Listener(manager));
        }
        return bean;
    }

    /** Of one manager. */
    private record Listener(PlatformTransactionManager manager) implements TransactionExecutionListener {
        @Override
        public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
            if (beginFailure == null
                    && transaction.isNewTransaction()
                    && TransactionSynchronizationManager.isSynchronizationActive()) {
                OutboxTransaction unused = OutboxTransaction.begin(manager);
            }
        }

        @Override
        public void beforeCommit(TransactionExecution transaction) {
            OutboxTransaction current = OutboxTransaction.current();
            if (current != null && current.isOf(manager) && !transaction.isNested()) {
                current.commit();
            }
        }
    }
}
