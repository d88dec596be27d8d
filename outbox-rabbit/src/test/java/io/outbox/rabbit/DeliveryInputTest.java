package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.impl.LongStringHelper;
import io.outbox.InvalidMessageException;
import io.outbox.consumer.ReceivedMessage;
import java.math.BigDecimal;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Deliveries that anybody may have sent: a message, or refused with a reason. */
class DeliveryInputTest {
    @Property
    void anyDelivery_isDecodedOrRefused(
            @ForAll("headers") Map<String, Object> headers, @ForAll("texts") @Nullable String messageId) {
        BasicProperties properties = properties(headers, messageId);
        try {
            ReceivedMessage message = DeliveryDecoder.decode("queue", properties, new byte[0], 1);

            assertThat(message.id()).isNotBlank().hasSizeLessThanOrEqualTo(200).doesNotContain("\0");
            assertThat(message.key()).isEqualTo(DeliveryDecoder.key(properties));
        } catch (InvalidMessageException e) {
            assertThat(e.getMessage()).hasSizeLessThan(200);
        }
        assertThat(SetAside.attemptsSoFar(properties)).isBetween(0, 1_000_000);
    }

    @Example
    void anIdThatIsNull_isNoId() {
        Map<String, Object> headers = new HashMap<>();
        headers.put("cloudEvents:id", null);

        assertThatThrownBy(() -> DeliveryDecoder.decode("queue", properties(headers, null), new byte[0], 1))
                .isInstanceOf(InvalidMessageException.class);
        assertThat(DeliveryDecoder.decode("queue", properties(headers, "7"), new byte[0], 1)
                        .id())
                .isEqualTo("7");
    }

    @Property
    void whatIsSetAside_canBeSentByAnyUserAndGoesNowhereElse(@ForAll("headers") Map<String, Object> headers) {
        headers.put("CC", List.of("elsewhere"));
        BasicProperties delivered = properties(headers, "7")
                .builder()
                .userId("somebody")
                .expiration("10")
                .build();

        BasicProperties copy = SetAside.properties(delivered, "queue", new IllegalStateException("no"), 3);

        assertThat(copy.getUserId()).isNull();
        assertThat(copy.getExpiration()).isNull();
        assertThat(copy.getHeaders())
                .doesNotContainKeys("CC", "BCC")
                .containsEntry("dl_user_id", "somebody")
                .containsEntry("dl_attempts", 3)
                .containsEntry("dl_queue", "queue");
        headers.keySet().stream()
                .filter(name -> !name.equals("CC") && !name.equals("BCC") && !name.startsWith("dl_"))
                .forEach(name -> assertThat(copy.getHeaders()).containsEntry(name, headers.get(name)));
    }

    private static BasicProperties properties(Map<String, Object> headers, @Nullable String messageId) {
        return new BasicProperties.Builder()
                .headers(headers)
                .messageId(messageId)
                .build();
    }

    @Provide
    Arbitrary<Map<String, Object>> headers() {
        Arbitrary<String> names = Arbitraries.oneOf(
                Arbitraries.of(
                        "cloudEvents:id",
                        "cloudEvents_id",
                        "cloudEvents:",
                        "cloudEvents:specversion",
                        "cloudEvents:type",
                        "cloudEvents:time",
                        "cloudEvents:partitionkey",
                        "cloudEvents_partitionkey",
                        "dl_attempts",
                        "dl_reason",
                        "CC",
                        "x-death",
                        ""),
                Arbitraries.strings().ofMaxLength(10));
        Arbitrary<Object> values = Arbitraries.oneOf(
                texts().map(text -> text == null ? null : (Object) LongStringHelper.asLongString(text)),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(20).map(bytes ->
                        (Object) LongStringHelper.asLongString(bytes)),
                Arbitraries.integers().map(number -> (Object) number),
                Arbitraries.longs().map(number -> (Object) number),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(9).map(bytes -> (Object) bytes),
                Arbitraries.<Object>of(
                        true,
                        1.5f,
                        -2.5,
                        new BigDecimal("1.25"),
                        new Date(0),
                        List.of(),
                        List.of(Map.of("a", List.of())),
                        Map.of()));
        return Arbitraries.maps(names, values.injectNull(0.1)).ofMaxSize(8).map(HashMap::new);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                        Arbitraries.of("1.0", "2.0", "7", "", " ", "\0", "2026-01-01T00:00:00Z"),
                        Arbitraries.strings().all().ofMaxLength(210))
                .injectNull(0.1);
    }
}
