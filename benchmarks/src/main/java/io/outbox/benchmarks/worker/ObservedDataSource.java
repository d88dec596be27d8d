package io.outbox.benchmarks.worker;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Notes, for each thread, when its last commit returned from the database, and counts executed statements. The same for
 * every contender, so that its cost is too.
 */
final class ObservedDataSource implements DataSource {
    private final DataSource target;
    private final ThreadLocal<long[]> lastCommit = ThreadLocal.withInitial(() -> new long[1]);
    private final LongAdder statements = new LongAdder();

    ObservedDataSource(DataSource target) {
        this.target = target;
    }

    long lastCommitNanos() {
        return lastCommit.get()[0];
    }

    long statements() {
        return statements.sum();
    }

    @Override
    public Connection getConnection() throws SQLException {
        return observe(target.getConnection());
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return observe(target.getConnection(user, password));
    }

    private Connection observe(Connection connection) {
        return proxy(Connection.class, connection, (method, result) -> {
            if (method.getName().equals("commit")) {
                statements.increment();
                lastCommit.get()[0] = System.nanoTime();
            }
            if (result instanceof PreparedStatement prepared) {
                return proxy(PreparedStatement.class, prepared, this::count);
            }
            return result instanceof Statement statement ? proxy(Statement.class, statement, this::count) : result;
        });
    }

    private @Nullable Object count(Method method, @Nullable Object result) {
        if (method.getName().startsWith("execute")) {
            statements.increment();
        }
        return result;
    }

    /** Looks at the result of a call, and may replace it. */
    @FunctionalInterface
    private interface Look {
        @Nullable
        Object at(Method method, @Nullable Object result);
    }

    private static <T> T proxy(Class<T> type, T target, Look look) {
        InvocationHandler handler = (self, method, arguments) -> {
            try {
                return look.at(method, method.invoke(target, arguments));
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return target.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return target.isWrapperFor(type);
    }
}
