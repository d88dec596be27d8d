package io.outbox.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderFileTest {
    private static final String ORDER =
            "{\"id\":\"o-1\",\"customer\":\"c1\",\"items\":[{\"sku\":\"PEN\",\"quantity\":2,\"priceCents\":120}],"
                    + "\"amountCents\":240,\"currency\":\"EUR\"}";

    /** What the file says in each line: an order, or a reason. */
    private static Map<Long, Object> read(byte[] file) throws Exception {
        Map<Long, Object> lines = new LinkedHashMap<>();
        OrderFile.Sink sink = new OrderFile.Sink() {
            @Override
            public void order(long line, Order order) {
                lines.put(line, order);
            }

            @Override
            public void malformed(long line, String reason) {
                lines.put(line, reason);
            }
        };
        new OrderFile(new ByteArrayInputStream(file), sink).readAll();
        return lines;
    }

    private static Map<Long, Object> read(String file) throws Exception {
        return read(file.getBytes(UTF_8));
    }

    @Test
    void readAll_returnsTheOrder() throws Exception {
        Order order = new Order("o-1", "c1", List.of(new Order.Item("PEN", 2, 120)), 240, "EUR");

        assertThat(read(ORDER)).isEqualTo(Map.of(1L, order));
    }

    @Test
    void readAll_passesOverBlankLines_andCountsThem() throws Exception {
        assertThat(read("\n  \r\n" + ORDER + "\r\n\n")).containsOnlyKeys(3L);
    }

    @Test
    void readAll_startingWithAByteOrderMark_ignoresIt() throws Exception {
        assertThat(read("\uFEFF" + ORDER).get(1L)).isInstanceOf(Order.class);
    }

    @Test
    void readAll_ignoresFieldsItDoesNotKnow() throws Exception {
        assertThat(read(ORDER.replace("{\"id\"", "{\"note\":{},\"id\"")).get(1L))
                .isInstanceOf(Order.class);
    }

    @Test
    void readAll_withAHugeLine_goesOnAfterIt() throws Exception {
        String huge = "[" + "1,".repeat(1_000_000) + "1]";

        Map<Long, Object> lines = read(huge + "\n" + ORDER);

        assertThat(lines).containsEntry(1L, "longer than 65536 bytes");
        assertThat(lines.get(2L)).isInstanceOf(Order.class);
    }

    @Test
    void readAll_withALineAtTheLimit_readsIt() throws Exception {
        String padded = ORDER + " ".repeat(64 * 1024 - ORDER.length());

        assertThat(read(padded).get(1L)).isInstanceOf(Order.class);
        assertThat(read(padded + " ")).containsEntry(1L, "longer than 65536 bytes");
    }

    @Test
    void readAll_withInvalidUtf8_saysSo() throws Exception {
        byte[] line = ORDER.getBytes(UTF_8);
        line[8] = (byte) 0xC3;

        assertThat(read(line)).containsEntry(1L, "not UTF-8");
    }

    @Test
    void readAll_withDeeplyNestedJson_saysSo() throws Exception {
        assertThat(read("[".repeat(30_000))).containsEntry(1L, "not JSON");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "o-1 | | id must be a text of 1 to 100 characters",
                "`\"o-1\"` | 17 | id must be a text of 1 to 100 characters",
                "`\"o-1\"` | null | id must be a text of 1 to 100 characters",
                "o-1 | \\ud800 | id has characters that cannot be stored",
                "o-1 | \\u0000 | id has characters that cannot be stored",
                "`\"c1\"` | {} | customer must be a text of 1 to 100 characters",
                "240 | -240 | amountCents must be a whole number above 0",
                "240 | 0 | amountCents must be a whole number above 0",
                "240 | 2.4e2 | amountCents must be a whole number above 0",
                "240 | `\"240\"` | amountCents must be a whole number above 0",
                "240 | 99999999999999999999 | amountCents must be a whole number above 0",
                "EUR | Euro | currency must be three capital letters",
                "`\"items\"` | `\"itmes\"` | items must be a list of 1 to 1000",
                "`:2,` | `:3000000000,` | quantity must be a whole number above 0",
                "customer | id | not JSON",
                "`240,` | 240 | not JSON",
            })
    void readAll_withAWrongValue_givesTheReason(String found, String replacement, String reason) throws Exception {
        String line = ORDER.replace(found, replacement == null ? "" : replacement);

        assertThat(read(line + "\n" + ORDER)).hasSize(2).containsEntry(1L, reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[] | not a JSON object", "null | not a JSON object", "{} {} | not JSON"})
    void readAll_withOtherJson_saysSo(String line, String reason) throws Exception {
        assertThat(read(line)).containsEntry(1L, reason);
    }
}
