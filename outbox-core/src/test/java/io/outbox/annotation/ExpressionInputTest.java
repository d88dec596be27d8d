package io.outbox.annotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Expressions in annotations: understood when the method is looked at, or refused there with a reason. */
class ExpressionInputTest {
    record Line(String article, Optional<Integer> count) {}

    record Order(String id, List<Line> lines, Line first, int[] counts) {
        public String getBroken() {
            throw new IllegalStateException("broken");
        }
    }

    interface Shop {
        Order place(Order order, String customer, int cents);
    }

    private static final Method PLACE = Arrays.stream(Shop.class.getMethods())
            .filter(method -> method.getName().equals("place"))
            .findFirst()
            .orElseThrow();

    @Property(tries = 3000)
    void anyPath_leadsSomewhereOrIsRefusedWhenItIsRead(@ForAll("paths") String text) {
        PropertyPath path;
        try {
            path = PropertyPath.of(text, PLACE, Order.class);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).contains(text);
            return;
        }
        Order order = new Order("7", List.of(), new Line("a", Optional.empty()), new int[0]);
        try {
            path.evaluate(new Object[] {order, "customer", 3}, order);
            path.evaluate(new Object[] {null, null, null}, null);
        } catch (IllegalStateException e) {
            assertThat(e.getMessage()).contains(text);
        }
    }

    @Provide
    Arbitrary<String> paths() {
        Arbitrary<String> names = Arbitraries.of(
                "result",
                "order",
                "customer",
                "cents",
                "arg0",
                "arg9",
                "id",
                "lines",
                "first",
                "article",
                "count",
                "broken",
                "getId",
                "class",
                "classLoader",
                "hashCode",
                "wait",
                "length",
                "empty",
                "",
                " ",
                "😀",
                "\uD83D");
        return Arbitraries.oneOf(
                names.list().ofMinSize(1).ofMaxSize(5).map(list -> String.join(".", list)),
                Arbitraries.strings().all().ofMaxLength(30));
    }
}
