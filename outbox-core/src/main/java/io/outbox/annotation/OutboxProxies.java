package io.outbox.annotation;

import static java.util.Objects.requireNonNull;

import io.outbox.Outbox;
import io.outbox.TransactionRunner;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.spi.DedupStore;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives {@link Publishes}, {@link Idempotent} and {@link Transactional} their meaning without a framework: wraps implementations of
 * interfaces in JDK proxies.
 *
 * <p>A call through the proxy joins the transaction that the runner has open on the calling thread, or begins one. What the
 * method changes through {@link #transaction()} and what it publishes is committed together when it returns; an exception, checked or
 * not, rolls all of it back and reaches the caller as it is. A call inside another joins it: then the outer one decides.
 *
 * <p>A call of a method on {@code this} does not go through the proxy, and its annotations have no effect. Annotations may stand at the
 * interface's methods or at the implementation's, where they count first. What could never have an effect is refused: a class instead of
 * an interface, annotations on methods that the interface does not have. Thread-safe.
 *
 * <pre>{@code
 * OutboxProxies<Connection> proxies = OutboxProxies.of(transactions, outbox);
 * Orders orders = proxies.wrap(Orders.class, new JdbcOrders(proxies::transaction));
 * }</pre>
 *
 * @param <T> the handle of the transaction, for JDBC a {@code java.sql.Connection}
 */
public final class OutboxProxies<T> {
    private final TransactionRunner<T> transactions;
    private final Outbox<T> outbox;
    private final @Nullable DedupStore<T> dedup;
    /** The transaction of the innermost call on the thread; one for each object, since it knows only its own. */
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable T> current;

    private OutboxProxies(
            TransactionRunner<T> transactions,
            Outbox<T> outbox,
            @Nullable DedupStore<T> dedup,
            ThreadLocal<@Nullable T> current) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.dedup = dedup;
        this.current = current;
    }

    /**
     * Makes proxies that can publish.
     *
     * @param <T> the handle of the transaction
     * @param transactions begins transactions
     * @param outbox where messages are written
     * @return a maker of proxies, without {@link Idempotent}
     */
    public static <T> OutboxProxies<T> of(TransactionRunner<T> transactions, Outbox<T> outbox) {
        return new OutboxProxies<>(
                requireNonNull(transactions, "transactions"),
                requireNonNull(outbox, "outbox"),
                null,
                new ThreadLocal<>());
    }

    /**
     * Adds what {@link Idempotent} needs.
     *
     * @param store remembers ids, in the same database
     * @return a maker of proxies; it shares {@link #transaction()} with this one
     */
    public OutboxProxies<T> withDedup(DedupStore<T> store) {
        return new OutboxProxies<>(transactions, outbox, requireNonNull(store, "store"), current);
    }

    /**
     * Returns the transaction of the call that the calling thread is in.
     *
     * @return for JDBC the connection; it must not be committed, rolled back or closed
     * @throws IllegalStateException outside of a transactional method that was called through a proxy
     */
    public T transaction() {
        T transaction = current.get();
        if (transaction == null) {
            throw new IllegalStateException(
                    "no transactional method is running on this thread: call it through the proxy that"
                            + " wrap returned, and annotate it with @Transactional, @Publishes or @Idempotent");
        }
        return transaction;
    }

    /**
     * Wraps an implementation.
     *
     * @param <I> the interface
     * @param type the interface
     * @param implementation what calls go to
     * @return a proxy, as thread-safe as the implementation
     * @throws IllegalArgumentException when an annotation would have no effect, or an expression is wrong; the text says which
     *     and why
     */
    public <I> I wrap(Class<I> type, I implementation) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(
                    type.getName()
                            + " is a class: JDK proxies implement interfaces; extract one, or use a framework that proxies classes");
        }
        Map<Method, Plan> plans = new HashMap<>();
        for (Method method : type.getMethods()) {
            plan(type, method, implementation.getClass()).ifPresent(plan -> plans.put(method, plan));
        }
        refuseStrays(type, implementation.getClass());
        ClassLoader loader = type.getClassLoader();
        return type.cast(Proxy.newProxyInstance(loader, new Class<?>[] {type}, new Handler(implementation, plans)));
    }

    /** What a method is to do. */
    private record Plan(Optional<MethodPlan> annotated) {}

    private Optional<Plan> plan(Class<?> type, Method method, Class<?> implementation) {
        Method own = implementing(method, implementation);
        boolean isOwn = own.isAnnotationPresent(Publishes.class) || own.isAnnotationPresent(Idempotent.class);
        Optional<MethodPlan> annotated = isOwn
                ? MethodPlan.of(own, own, Expression.Language.PATHS)
                : MethodPlan.of(method, method, Expression.Language.PATHS);
        if (annotated.flatMap(MethodPlan::consumer).isPresent() && dedup == null) {
            throw new IllegalArgumentException("@Idempotent on " + method + " needs a dedup store: call withDedup");
        }
        boolean isTransactional = annotated.isPresent()
                || own.isAnnotationPresent(Transactional.class)
                || method.isAnnotationPresent(Transactional.class)
                || type.isAnnotationPresent(Transactional.class)
                || implementation.isAnnotationPresent(Transactional.class);
        return isTransactional ? Optional.of(new Plan(annotated)) : Optional.empty();
    }

    private static Method implementing(Method method, Class<?> implementation) {
        try {
            return implementation.getMethod(method.getName(), method.getParameterTypes());
        } catch (NoSuchMethodException e) {
            return method;
        }
    }

    /** Annotations on methods that no call through the proxy can reach. */
    private static void refuseStrays(Class<?> type, Class<?> implementation) {
        for (Class<?> part = implementation; part != null && part != Object.class; part = part.getSuperclass()) {
            for (Method method : part.getDeclaredMethods()) {
                boolean isAnnotated = method.isAnnotationPresent(Publishes.class)
                        || method.isAnnotationPresent(Idempotent.class)
                        || method.isAnnotationPresent(Transactional.class);
                if (isAnnotated && !method.isBridge() && !hasMethod(type, method)) {
                    throw new IllegalArgumentException("the annotation on " + method + " would have no effect: "
                            + type.getName() + " has no such method, so no call of it goes through the proxy");
                }
            }
        }
    }

    private static boolean hasMethod(Class<?> type, Method like) {
        for (Method method : type.getMethods()) {
            if (method.getName().equals(like.getName()) && method.getParameterCount() == like.getParameterCount()) {
                return true;
            }
        }
        return false;
    }

    /** Calls of one proxy. */
    private final class Handler implements InvocationHandler {
        private final Object implementation;
        private final Map<Method, Plan> plans;

        Handler(Object implementation, Map<Method, Plan> plans) {
            this.implementation = implementation;
            this.plans = plans;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
                throws Throwable {
            @Nullable Object[] arguments = given == null ? new Object[0] : given;
            Plan plan = plans.get(method);
            try {
                return plan == null
                        ? call(method, arguments)
                        : inTransaction(plan.annotated().orElse(null), method, arguments);
            } catch (Thrown e) {
                throw e.getCause();
            }
        }

        private @Nullable Object inTransaction(@Nullable MethodPlan plan, Method method, @Nullable Object[] arguments)
                throws Thrown {
            String consumer = plan == null ? null : plan.consumer().orElse(null);
            if (plan != null && consumer != null) {
                IdempotentConsumer.of(consumer, transactions, requireNonNull(dedup, "dedup"))
                        .once(plan.id(arguments), transaction -> {
                            Object nothing = work(transaction, plan, method, arguments);
                            assert nothing == null : method;
                        });
                return null;
            }
            return transactions
                    .<Optional<Object>, Thrown>inTransaction(
                            transaction -> Optional.ofNullable(work(transaction, plan, method, arguments)))
                    .orElse(null);
        }

        private @Nullable Object work(
                T transaction, @Nullable MethodPlan plan, Method method, @Nullable Object[] arguments) throws Thrown {
            T outer = current.get();
            current.set(transaction);
            try {
                Object returned = call(method, arguments);
                if (plan == null || !plan.isPublishing()) {
                    return returned;
                }
                Object reusable = plan.reusable(returned);
                outbox.publishAll(transaction, plan.messages(arguments, reusable));
                return plan.forCaller(reusable);
            } finally {
                if (outer == null) {
                    current.remove();
                } else {
                    current.set(outer);
                }
            }
        }

        private @Nullable Object call(Method method, @Nullable Object[] arguments) throws Thrown {
            if (!method.canAccess(implementation)) {
                method.setAccessible(true); // of an interface that is not public
            }
            try {
                return method.invoke(implementation, arguments);
            } catch (InvocationTargetException e) {
                throw new Thrown(e.getCause() == null ? e : e.getCause());
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(method + " cannot be called", e);
            }
        }
    }

    /** Carries what a method threw through the transaction, which is rolled back by it. */
    private static final class Thrown extends Exception {
        private static final long serialVersionUID = 1L;

        Thrown(Throwable cause) {
            super(null, cause, false, false);
        }

        @Override
        public synchronized Throwable getCause() {
            return requireNonNull(super.getCause(), "cause");
        }
    }
}
