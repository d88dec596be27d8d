package io.outbox.sample.callback;

import io.outbox.consumer.Handling;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/** Asks the provider for its payments and takes in those of which no notification came. Thread-safe. */
@Component
class Reconciliation {
    private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);

    private final Intake intake;
    private final RestClient provider;
    private final Clock clock;
    private final Duration grace;

    Reconciliation(
            Intake intake,
            Clock clock,
            @Value("${provider.url}") String providerUrl,
            @Value("${provider.grace}") Duration grace) {
        this.intake = intake;
        this.provider = RestClient.create(providerUrl);
        this.clock = clock;
        this.grace = grace;
    }

    // tag::callback-reconciliation[]
    /** Runs in each instance, also at the same time: what one has taken in, the other recognises. */
    @Scheduled(fixedDelayString = "${provider.reconcile-every}")
    void run() {
        Instant settled = clock.instant().minus(grace);
        int found = 0;
        for (Payment payment : payments()) {
            if (payment.paidAt().isBefore(settled)
                    && intake.accept(payment, Intake.Source.RECONCILIATION) == Handling.HANDLED) {
                found++;
            }
        }
        log.info("{} payments of which no notification had come", found);
    }
    // end::callback-reconciliation[]

    private Payment[] payments() {
        return Objects.requireNonNull(
                provider.get().uri("/payments").retrieve().body(Payment[].class), "the provider's list");
    }
}
