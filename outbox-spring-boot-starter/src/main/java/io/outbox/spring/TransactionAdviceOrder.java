package io.outbox.spring;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.transaction.interceptor.BeanFactoryTransactionAttributeSourceAdvisor;

/** Moves Spring's transaction advice, unless its order was set, one place outwards: {@link OutboxAdvisor} runs inside it. */
final class TransactionAdviceOrder implements BeanPostProcessor, PriorityOrdered {
    @Override
    public Object postProcessBeforeInitialization(Object bean, String beanName) {
        if (bean instanceof BeanFactoryTransactionAttributeSourceAdvisor advisor
                && advisor.getOrder() == Ordered.LOWEST_PRECEDENCE) {
            advisor.setOrder(Ordered.LOWEST_PRECEDENCE - 1);
        }
        return bean;
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
