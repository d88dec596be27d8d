package io.outbox.annotation;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A path such as {@code result.orderId}, checked against the types that a method declares. Immutable. */
final class PropertyPath implements Expression {
    private static final String RESULT = "result";
    private static final int OF_RESULT = -1;

    private final String text;
    private final int root;
    private final List<Member> steps;

    private PropertyPath(String text, int root, List<Member> steps) {
        this.text = text;
        this.root = root;
        this.steps = List.copyOf(steps);
    }

    /**
     * Reads a path.
     *
     * @param text the path
     * @param method whose parameters it may name
     * @param element the type of a published element; null where there is none
     * @throws IllegalArgumentException when it leads nowhere
     */
    static PropertyPath of(String text, Method method, @Nullable Class<?> element) {
        String[] names = text.strip().split("\\.", -1);
        int root = root(names[0], text, method, element);
        Class<?> type = root == OF_RESULT && element != null ? element : method.getParameterTypes()[root];
        List<Member> steps = new ArrayList<>();
        for (int i = 1; i < names.length; i++) {
            Member step = property(type, names[i]);
            if (step == null) {
                throw new IllegalArgumentException("'" + text + "' on " + method + " leads nowhere: " + type.getName()
                        + " has no property '" + names[i] + "' (record component, getter or public field)");
            }
            steps.add(step);
            type = step instanceof Field field ? field.getType() : ((Method) step).getReturnType();
        }
        return new PropertyPath(text, root, steps);
    }

    private static int root(String name, String text, Method method, @Nullable Class<?> element) {
        if (name.equals(RESULT) && element != null) {
            return OF_RESULT;
        }
        Parameter[] parameters = method.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            if (parameters[i].getName().equals(name) || name.equals("arg" + i)) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' on " + method + " begins with '" + name + "', which is neither "
                        + (element == null ? "" : "'result' nor ") + "one of the parameters "
                        + Arrays.stream(parameters).map(Parameter::getName).toList()
                        + (parameters.length > 0 && !parameters[0].isNamePresent()
                                ? "; compile with -parameters to have their names"
                                : ""));
    }

    private static @Nullable Member property(Class<?> type, String name) {
        if (name.isEmpty()) {
            return null;
        }
        String capital = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        for (String getter : List.of(name, "get" + capital, "is" + capital)) {
            for (Method method : type.getMethods()) {
                boolean isProperty = method.getParameterCount() == 0
                        && method.getReturnType() != void.class
                        && !method.isBridge()
                        && !Modifier.isStatic(method.getModifiers());
                if (isProperty && method.getName().equals(getter)) {
                    return method;
                }
            }
        }
        try {
            return type.getField(name);
        } catch (NoSuchFieldException e) {
            return null;
        }
    }

    @Override
    public @Nullable Object evaluate(@Nullable Object[] arguments, @Nullable Object element) {
        Object value = root == OF_RESULT ? element : arguments[root];
        for (Member step : steps) {
            if (value == null) {
                return null;
            }
            value = read(step, value);
        }
        return value;
    }

    private @Nullable Object read(Member step, Object of) {
        try {
            if (step instanceof Field field) {
                return field.get(of);
            }
            Method method = (Method) step;
            if (!method.canAccess(of)) {
                method.setAccessible(true); // a public method of a type that is not public
            }
            return method.invoke(of);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("'" + text + "' cannot be read: " + step + " is not accessible", e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("'" + text + "' cannot be read: " + step + " failed", e.getCause());
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
