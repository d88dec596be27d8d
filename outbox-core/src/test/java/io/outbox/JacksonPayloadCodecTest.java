package io.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Payloads from outside: decoded, or refused with a reason that does not repeat them. */
class JacksonPayloadCodecTest {
    private static final AtomicInteger GADGETS = new AtomicInteger();
    private static final String SECRET = "s3cret-4711";

    record Order(String id, long cents, List<String> lines, Map<String, Order> parts, Object any) {
        Order {
            if (cents < 0) {
                throw new IllegalArgumentException("negative: " + id);
            }
        }
    }

    /** What a gadget would be: a class with an effect when it is made. */
    public static final class Gadget {
        public Gadget() {
            GADGETS.incrementAndGet();
        }

        public void setCommand(String command) {
            GADGETS.incrementAndGet();
        }
    }

    private final JacksonPayloadCodec codec = new JacksonPayloadCodec();

    @Property
    void anyBytes_areDecodedOrRefused(@ForAll byte[] payload) {
        decodedOrRefused(payload);
    }

    @Property
    void spoiltJson_isDecodedOrRefused(@ForAll("junk") String junk, @ForAll int at) {
        String json =
                "{\"id\":\"7\",\"cents\":12,\"lines\":[\"a\"],\"parts\":{\"x\":{\"id\":\"8\"}},\"any\":{\"b\":[1.5,null]}}";
        int cut = Math.floorMod(at, json.length() + 1);

        decodedOrRefused((json.substring(0, cut) + junk + json.substring(cut)).getBytes(StandardCharsets.UTF_8));
    }

    private void decodedOrRefused(byte[] payload) {
        try {
            assertThat(codec.decode(payload, Order.class)).isNotNull();
        } catch (InvalidMessageException e) {
            assertThat(e.getMessage()).contains("JSON").hasSizeLessThan(300);
        }
    }

    @Example
    void nestingThatWouldOverflowTheStack_isRefused() {
        for (String opening : List.of("[", "{\"any\":", "{\"parts\":{\"x\":", "{\"any\":[")) {
            byte[] payload = opening.repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> codec.decode(payload, Order.class)).isInstanceOf(InvalidMessageException.class);
        }
    }

    @Example
    void aNumberOfAMillionDigits_isRefused() {
        byte[] payload = ("{\"cents\":1" + "0".repeat(1_000_000) + "}").getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> codec.decode(payload, Order.class)).isInstanceOf(InvalidMessageException.class);
    }

    @Example
    void whatIsRefused_isNotRepeated() {
        for (String payload : List.of(
                SECRET,
                "{\"cents\":\"" + SECRET + "\"}",
                "{\"id\":{\"" + SECRET + "\":1}}",
                "{\"lines\":\"" + SECRET + "\"}",
                "{\"parts\":{\"" + SECRET + "\":{\"cents\":\"x\"}}}",
                "{\"id\":\"" + SECRET + "\",\"cents\":-1}",
                "{\"id\":\"" + SECRET + "\" " + SECRET)) {
            assertThatThrownBy(() -> codec.decode(payload.getBytes(StandardCharsets.UTF_8), Order.class))
                    .isInstanceOf(InvalidMessageException.class)
                    .satisfies(e -> {
                        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                            assertThat(cause.toString()).doesNotContain("4711");
                        }
                    });
        }
    }

    @Example
    void aPayloadThatNamesAClass_makesNoObjectOfIt() {
        String name = Gadget.class.getName();
        for (String any : List.of(
                "{\"@class\":\"" + name + "\",\"command\":\"x\"}",
                "{\"@type\":\"" + name + "\",\"command\":\"x\"}",
                "{\"@c\":\"." + Gadget.class.getSimpleName() + "\",\"command\":\"x\"}",
                "[\"" + name + "\",{\"command\":\"x\"}]",
                "{\"class\":\"" + name + "\",\"command\":\"x\"}")) {
            decodedOrRefused(("{\"id\":\"7\",\"any\":" + any + "}").getBytes(StandardCharsets.UTF_8));
            decodedOrRefused(any.getBytes(StandardCharsets.UTF_8));
            Object read = codec.decode(any.getBytes(StandardCharsets.UTF_8), Object.class);
            assertThat(read).isInstanceOfAny(Map.class, List.class);
        }
        assertThat(GADGETS).hasValue(0);
    }

    @Provide
    Arbitrary<String> junk() {
        return Arbitraries.oneOf(
                Arbitraries.strings().all().ofMinLength(1).ofMaxLength(20),
                Arbitraries.strings().withChars("{}[]\",:0eE+-.\\u\n").ofMaxLength(20));
    }
}
