package io.outbox.sample.orders;

import io.outbox.sample.orders.common.NewOrder;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * Customers who place orders: some want more than there is, some cannot pay. Each asks twice, with the same key, and again until
 * there is an answer. Thread-safe.
 */
final class Customers {
    private static final int AT_ONCE = 4;
    private static final int CUSTOMERS = 10;
    private static final int RICH = 8;
    private static final int PLENTY = 1_000_000;
    private static final int SCARCE = 25;
    private static final long RICHES = 1_000_000;
    private static final long LITTLE = 1_000;
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final long PAUSE_MILLIS = 100;
    private static final int TRIES = 600;

    private final RestClient shop;

    Customers(String shopUrl) {
        JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(
                HttpClient.newBuilder().connectTimeout(LIMIT).build());
        requests.setReadTimeout(LIMIT);
        shop = RestClient.builder().baseUrl(shopUrl).requestFactory(requests).build();
    }

    /** Fills stock and accounts: of one product there is little, and two of ten customers have little. */
    static void prepare(JdbcTemplate jdbc) {
        String stock =
                "insert into inventory.stock (product, received, available) values (?, ?, ?) on conflict do nothing";
        jdbc.update(stock, "plenty", PLENTY, PLENTY);
        jdbc.update(stock, "scarce", SCARCE, SCARCE);
        for (int i = 0; i < CUSTOMERS; i++) {
            long money = i < RICH ? RICHES : LITTLE;
            jdbc.update(
                    "insert into payment.account (customer, paid_in, balance) values (?, ?, ?) on conflict do nothing",
                    "c-" + i,
                    money,
                    money);
        }
    }

    /** Places orders, several at once, and returns when each has an answer. */
    void place(int count) throws Exception {
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = UUID.randomUUID().toString();
            NewOrder order =
                    new NewOrder("c-" + i % CUSTOMERS, i % 4 == 0 ? "scarce" : "plenty", 1 + i % 3, 100 * (1L + i % 7));
            calls.add(() -> place(key, order));
            calls.add(() -> place(key, order));
        }
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            for (Future<Boolean> answered : threads.invokeAll(calls)) {
                answered.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private boolean place(String key, NewOrder order) throws InterruptedException {
        for (int i = 1; ; i++) {
            try {
                shop.post()
                        .uri("/orders")
                        .header("Idempotency-Key", key)
                        .body(order)
                        .retrieve()
                        .toBodilessEntity();
                return true;
            } catch (RestClientException e) {
                if (i == TRIES) {
                    throw e;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }
}
