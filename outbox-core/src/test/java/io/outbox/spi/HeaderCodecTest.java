package io.outbox.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Headers come back as they were written, and what another wrote into the column is headers or a clear error. */
class HeaderCodecTest {
    @Property
    void headersOfAnyText_comeBackAsTheyWere(@ForAll("headers") Map<String, String> headers) {
        Map<String, String> read = HeaderCodec.fromJson(HeaderCodec.toJson(headers));

        assertThat(read).isEqualTo(headers);
        assertThat(read.keySet()).containsExactlyElementsOf(headers.keySet());
    }

    @Example
    void namesAndValuesOfAMillionCharacters_comeBackAsTheyWere() {
        Map<String, String> headers = Map.of("n".repeat(1_000_000), "v".repeat(1_000_000));

        assertThat(HeaderCodec.fromJson(HeaderCodec.toJson(headers))).isEqualTo(headers);
    }

    @Property
    void anyText_isReadOrRefused(@ForAll("texts") String text) {
        readOrRefused(text);
    }

    @Property
    void aSpoiltJsonObject_isReadOrRefused(
            @ForAll("headers") Map<String, String> headers, @ForAll int at, @ForAll("texts") String junk) {
        String json = String.valueOf(HeaderCodec.toJson(headers));
        int cut = Math.floorMod(at, json.length() + 1);

        readOrRefused(json.substring(0, cut));
        readOrRefused(json.substring(0, cut) + junk + json.substring(cut));
    }

    @Example
    void deepNesting_isRefused() {
        assertThatThrownBy(() -> HeaderCodec.fromJson("[".repeat(1_000_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HeaderCodec.fromJson("{\"a\":".repeat(1_000_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Example
    void whatIsRefused_isNotRepeatedInTheError() {
        assertThatThrownBy(() -> HeaderCodec.fromJson("{\"a\": s3cret}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageNotContaining("s3cret");
    }

    private static void readOrRefused(String text) {
        try {
            assertThat(HeaderCodec.fromJson(text)).doesNotContainValue(null);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("header");
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().all().ofMaxLength(40);
    }

    @Provide
    Arbitrary<Map<String, String>> headers() {
        return Arbitraries.maps(texts(), texts()).ofMinSize(1).ofMaxSize(8).map(LinkedHashMap::new);
    }
}
