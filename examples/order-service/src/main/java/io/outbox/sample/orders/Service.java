package io.outbox.sample.orders;

import io.outbox.sample.orders.inventory.InventoryApplication;
import io.outbox.sample.orders.order.OrderApplication;
import io.outbox.sample.orders.payment.PaymentApplication;
import java.util.List;
import java.util.Locale;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The three services. They share nothing but Kafka; that their code lies in one module is for the reader. */
enum Service {
    ORDER(OrderApplication.class),
    INVENTORY(InventoryApplication.class),
    PAYMENT(PaymentApplication.class);

    private final Class<?> application;

    Service(Class<?> application) {
        this.application = application;
    }

    /** The name on the command line, and of the profile in application.yaml. */
    String profile() {
        return name().toLowerCase(Locale.ROOT);
    }

    ConfigurableApplicationContext start(List<String> options) {
        return new SpringApplicationBuilder(application).profiles(profile()).run(options.toArray(String[]::new));
    }
}
