package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.annotation.MethodPlan;
import io.outbox.consumer.IdempotentConsumer;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;

/** Runs a method that publishes or is idempotent, in the transaction of the thread or a new one. Thread-safe. */
final class OutboxInterceptor implements MethodInterceptor {
    private final Supplier<OutboxUnits> units;
    private final Supplier<SpringOutbox> outbox;
    private Function<Method, Optional<MethodPlan>> plans = method -> Optional.empty();

    /** Gets what it works with at the first call, because advice is made before other beans. */
    OutboxInterceptor(Supplier<OutboxUnits> units, Supplier<SpringOutbox> outbox) {
        this.units = units;
        this.outbox = outbox;
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
        OutboxUnit unit = units.get().current();
        SpringTransactions transactions = unit.target().transactions();
        try {
            Optional<String> consumer = plan.consumer();
            if (consumer.isPresent()) {
                IdempotentConsumer.of(consumer.get(), transactions, unit.dedup())
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
        outbox.get().publishAll(plan.messages(call.getArguments(), reusable));
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
