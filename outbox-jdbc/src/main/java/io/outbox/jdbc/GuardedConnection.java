package io.outbox.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connection that work in a transaction gets: refuses to end the transaction, since messages that are still kept back
 * would miss that commit, and writes them before a savepoint is set.
 */
final class GuardedConnection implements InvocationHandler {
    private static final Set<String> ENDING = Set.of("commit", "close", "abort", "setAutoCommit");

    private final TransactionScope scope;
    private final Connection delegate;

    private GuardedConnection(TransactionScope scope, Connection delegate) {
        this.scope = scope;
        this.delegate = delegate;
    }

    static Connection of(TransactionScope scope, Connection delegate) {
        return (Connection) Proxy.newProxyInstance(
                GuardedConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                new GuardedConnection(scope, delegate));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        String name = method.getName();
        if (method.getDeclaringClass() == Object.class) {
            return switch (name) {
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "transaction on " + delegate;
            };
        }
        boolean isWholeRollback = name.equals("rollback") && arguments == null;
        if (isWholeRollback || ENDING.contains(name)) {
            throw new SQLException(
                    name + "() is not for the work inside inTransaction: return to commit, throw to" + " roll back");
        }
        if (name.equals("setSavepoint")) {
            scope.writeThrough();
        }
        try {
            return method.invoke(delegate, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
