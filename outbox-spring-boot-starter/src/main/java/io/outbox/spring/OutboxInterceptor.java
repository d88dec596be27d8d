package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.TransactionRunner;
import io.outbox.annotation.MethodPlan;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.spi.DedupStore;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;

/** Runs a method that publishes or is idempotent, in the transaction of the thread or a new one. Thread-safe. */
final class OutboxInterceptor implements MethodInterceptor {
    /**
     * What it works with; asked for at the first call, because advice is made before other beans.
     *
     * @param transactions joins or begins transactions
     * @param outbox where messages are written
     * @param dedup remembers ids
     */
    record Services(
            Supplier<TransactionRunner<Connection>> transactions,
            Supplier<SpringOutbox> outbox,
            Supplier<DedupStore<Connection>> dedup) {}

    private final Services services;
    private Function<Method, Optional<MethodPlan>> plans = method -> Optional.empty();

    OutboxInterceptor(Services services) {
        this.services = services;
    }

    void plans(Function<Method, Optional<MethodPlan>> found) {
        plans = found;
    }

    @Override
    public @Nullable Object invoke(MethodInvocation call) throws Throwable {
        Object target = requireNonNull(call.getThis(), "target");
        Method method = AopUtils.getMostSpecificMethod(call.getMethod(), target.getClass());
        MethodPlan plan = plans.apply(method).orElse(null);
        if (plan == null) {
            return call.proceed();
        }
        TransactionRunner<Connection> transactions = services.transactions().get();
        try {
            Optional<String> consumer = plan.consumer();
            if (consumer.isPresent()) {
                IdempotentConsumer.of(
                                consumer.get(), transactions, services.dedup().get())
                        .once(plan.id(call.getArguments()), connection -> {
                            Optional<Object> nothing = proceed(call, plan);
                            assert nothing.isEmpty() : method;
                        });
                return null;
            }
            return transactions
                    .<Optional<Object>, Thrown>inTransaction(connection -> proceed(call, plan))
                    .orElse(null);
        } catch (Thrown e) {
            throw requireNonNull(e.getCause(), "cause");
        }
    }

    private Optional<Object> proceed(MethodInvocation call, MethodPlan plan) throws Thrown {
        Object returned;
        try {
            returned = call.proceed();
        } catch (Throwable e) {
            throw new Thrown(e);
        }
        if (!plan.isPublishing()) {
            return Optional.ofNullable(returned);
        }
        Object reusable = plan.reusable(returned);
        services.outbox().get().publishAll(plan.messages(call.getArguments(), reusable));
        return Optional.ofNullable(plan.forCaller(reusable));
    }

    /** Carries what the method threw. */
    private static final class Thrown extends Exception {
        private static final long serialVersionUID = 1L;

        Thrown(Throwable cause) {
            super(null, cause, false, false);
        }
    }
}
