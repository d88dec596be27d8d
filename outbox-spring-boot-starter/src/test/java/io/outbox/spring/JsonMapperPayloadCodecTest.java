package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.InvalidMessageException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class JsonMapperPayloadCodecTest {
    private final JsonMapperPayloadCodec codec =
            new JsonMapperPayloadCodec(JsonMapper.builder().build());

    record Paid(String order, Instant at) {}

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void payloads_withTimes_comeBackAsTheyWere() {
        Paid paid = new Paid("ö-1", Instant.parse("2026-11-21T09:00:00.123456Z"));

        assertThat(codec.decode(codec.encode(paid), Paid.class)).isEqualTo(paid);
        assertThat(codec.contentType()).isEqualTo("application/json");
    }

    @Test
    void propertiesOfLaterVersions_areIgnored() {
        assertThat(codec.decode(bytes("{\"order\":\"1\",\"more\":2}"), Paid.class))
                .isEqualTo(new Paid("1", null));
    }

    @Test
    void whatIsNoJsonOfTheClass_isRefused_andNotQuoted() {
        for (String text : new String[] {"s3cret", "[\"s3cret\"]", "{\"at\":\"s3cret\"}", "null", ""}) {
            assertThatThrownBy(() -> codec.decode(bytes(text), Paid.class))
                    .isInstanceOf(InvalidMessageException.class)
                    .hasStackTraceContaining(Paid.class.getName())
                    .satisfies(e -> assertThat(e.toString() + e.getCause()).doesNotContain("s3cret"));
        }
    }

    @Test
    void whatCannotBeWritten_isRefused() {
        assertThatThrownBy(() -> codec.encode(new Object() {
                    public String getText() {
                        throw new IllegalStateException("no");
                    }
                }))
                .isInstanceOf(InvalidMessageException.class);
    }
}
