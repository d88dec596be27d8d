package io.outbox.testkit;

import static org.awaitility.Awaitility.await;

import io.outbox.consumer.ReceivedMessage;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import java.util.List;

/** The in-process broker passes the suite that real ones pass. */
class InProcessPublisherContractTest extends PublisherContract {
    @Override
    protected PublisherFixture fixture() {
        InProcessBroker broker = InProcessBroker.create();
        return new Fixture(broker, broker.publisher());
    }

    private record Fixture(InProcessBroker broker, Publisher publisher) implements PublisherFixture {
        @Override
        public String newDestination() {
            broker.createTopic("orders");
            return "orders";
        }

        @Override
        public String unknownDestination() {
            broker.refuse("nowhere", PublishOutcome.rejectedForNow(new IllegalStateException("unknown topic")));
            return "nowhere";
        }

        @Override
        public List<ReceivedMessage> received(String destination, int atLeast) {
            await().until(() -> broker.messages(destination).size() >= atLeast);
            return broker.messages(destination);
        }

        @Override
        public int tooLarge() {
            return 2 * 1024 * 1024;
        }

        @Override
        public void stopBroker() {
            broker.stop();
        }

        @Override
        public void startBroker() {
            broker.start();
        }

        @Override
        public void close() {
            publisher.close();
            broker.close();
        }
    }
}
