package shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.spring.test.OutboxTest;
import io.outbox.spring.test.PublishedMessages;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

@SpringBootTest
@OutboxTest
class OrdersTest {
    @Autowired
    private Orders orders;

    @Autowired
    private PublishedMessages published;

    @Test
    void orders_arePublished_whenTheyAreCommitted() {
        orders.place("1");
        orders.placeAnnotated("2");
        orders.placeOnce("3");
        orders.placeOnce("3");
        assertThatThrownBy(() -> orders.place("1")).isInstanceOf(Exception.class);

        assertThat(published.to("orders"))
                .extracting(message -> message.key())
                .containsExactlyInAnyOrder("1", "2", "3");
    }
}
