package io.outbox.quickstart;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Makes the orders that ship with the quickstart, the same at every run: some customers order often, most seldom, as in a
 * real shop.
 */
final class OrdersGenerator {
    private static final long SEED = 20_250_101;
    private static final int ORDERS = 10_000;
    private static final int CUSTOMERS = 2_000;
    private static final int MOST_ITEMS = 4;
    private static final List<String> CURRENCIES = List.of("EUR", "EUR", "EUR", "USD", "USD", "GBP", "CHF");
    private static final List<Article> ARTICLES = List.of(
            new Article("BOOK-HARDCOVER", 2_490),
            new Article("BOOK-PAPERBACK", 1_299),
            new Article("COFFEE-1KG", 1_849),
            new Article("DESK-LAMP", 3_995),
            new Article("HEADPHONES", 8_900),
            new Article("KEYBOARD", 6_450),
            new Article("MONITOR-27", 24_900),
            new Article("NOTEBOOK-A5", 450),
            new Article("PEN-BLUE", 120),
            new Article("TEA-GREEN-100G", 795),
            new Article("USB-CABLE-2M", 999),
            new Article("WATER-BOTTLE", 1_575));

    private final Random random = new Random(SEED);

    private record Article(String sku, int priceCents) {}

    /**
     * Writes the file anew.
     *
     * @param arguments the file
     */
    public static void main(String... arguments) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(Path.of(arguments[0]))) {
            OrdersGenerator generator = new OrdersGenerator();
            for (int number = 1; number <= ORDERS; number++) {
                out.write(generator.next(number) + "\n");
            }
        }
    }

    /** The next order. */
    String next(int number) {
        double rank = random.nextDouble();
        int customer = 1 + (int) (CUSTOMERS * rank * rank * rank);
        StringBuilder items = new StringBuilder();
        long amountCents = 0;
        for (int left = 1 + random.nextInt(MOST_ITEMS); left > 0; left--) {
            Article article = ARTICLES.get(random.nextInt(ARTICLES.size()));
            int quantity = 1 + random.nextInt(3);
            amountCents += (long) quantity * article.priceCents;
            items.append(items.isEmpty() ? "" : ",")
                    .append(String.format(
                            Locale.ROOT,
                            "{\"sku\":\"%s\",\"quantity\":%d,\"priceCents\":%d}",
                            article.sku,
                            quantity,
                            article.priceCents));
        }
        return String.format(
                Locale.ROOT,
                "{\"id\":\"o-%05d\",\"customer\":\"c-%04d\",\"items\":[%s],\"amountCents\":%d,\"currency\":\"%s\"}",
                number,
                customer,
                items,
                amountCents,
                CURRENCIES.get(random.nextInt(CURRENCIES.size())));
    }
}
