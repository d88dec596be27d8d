package io.outbox.simulation;

import io.outbox.simulation.History.What;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.ReadResult;
import io.outbox.testkit.InMemoryTransaction;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes the calls of a relay's store into the history: for looking at one run, since it makes the history long. */
final class CallTrace {
    private CallTrace() {}

    @SuppressWarnings("unchecked")
    static OutboxStore<InMemoryTransaction> of(OutboxStore<InMemoryTransaction> store, History history, String who) {
        return (OutboxStore<InMemoryTransaction>) Proxy.newProxyInstance(
                CallTrace.class.getClassLoader(), new Class<?>[] {OutboxStore.class}, (proxy, method, arguments) -> {
                    String call = method.getName() + "(" + text(arguments) + ")";
                    history.add(What.CALL, who, call);
                    try {
                        Object result = method.invoke(store, arguments);
                        history.add(What.CALL, who, method.getName() + " = " + text(result));
                        return result;
                    } catch (InvocationTargetException e) {
                        history.add(What.CALL, who, method.getName() + " throws " + e.getTargetException());
                        throw e.getTargetException();
                    }
                });
    }

    private static String text(@Nullable Object value) {
        if (value instanceof Object[] many) {
            return Arrays.stream(many).map(CallTrace::text).collect(Collectors.joining(", "));
        }
        if (value instanceof long[] ids) {
            return Arrays.toString(ids);
        }
        if (value instanceof ReadResult read) {
            List<String> found = read.messages().stream()
                    .map(message -> message.id() + ":" + message.message().messageId())
                    .toList();
            return found + " blocked " + read.blocked() + " top " + read.topId() + " next "
                    + read.writers().next() + " running "
                    + Arrays.toString(read.writers().running());
        }
        return String.valueOf(value);
    }
}
