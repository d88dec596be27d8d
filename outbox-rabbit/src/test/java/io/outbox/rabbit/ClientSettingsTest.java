package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of a caller's factory. */
class ClientSettingsTest {
    @ParameterizedTest
    @CsvSource({"600000, 60000", "0, 60000", "500, 500"})
    void answers_haveTheLesserOfBothLimits_andNoneMeansOurs(int given, int used) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setChannelRpcTimeout(given);

        ConnectionFactory copy = ClientSettings.of(factory, Duration.ofSeconds(60));

        assertThat(copy.getChannelRpcTimeout()).isEqualTo(used);
        assertThat(factory.getChannelRpcTimeout()).isEqualTo(given);
    }

    @Test
    void recovery_isLeftToTheLibrary() {
        ConnectionFactory copy = ClientSettings.of(new ConnectionFactory(), Duration.ofDays(100));

        assertThat(copy.isAutomaticRecoveryEnabled()).isFalse();
        assertThat(copy.isTopologyRecoveryEnabled()).isFalse();
    }
}
