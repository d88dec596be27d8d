package io.outbox.torture;

import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.Numbered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** What the outbox says it has given up, and the operator who decides on it. Confined to one thread. */
final class DeadLetters {
    private static final int PAGE = 100;

    private final JdbcOutboxStore store;
    private final List<Numbered> all = new ArrayList<>();
    private final List<Numbered> sentAgain = new ArrayList<>();
    private final Set<Numbered> left = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    DeadLetters(DataSource dataSource) {
        store = JdbcOutboxStore.of(dataSource);
    }

    /** Sends one of three again and discards the next. */
    void decide() {
        List<Listed> found = list();
        for (int i = 0; i < found.size(); i++) {
            Numbered message = found.get(i).message();
            all.add(message);
            ParkedQuery one =
                    ParkedQuery.deadLetters().withMessageId(found.get(i).id());
            switch (i % 3) {
                case 0 -> {
                    sentAgain.add(message);
                    expectOne(store.redrive(one, Duration.ZERO), message, "sent again");
                }
                case 1 -> expectOne(store.discard(one), message, "discarded");
                default -> left.add(message);
            }
        }
    }

    private void expectOne(int changed, Numbered message, String what) {
        if (changed != 1) {
            problems.add("dead letter " + message + " was to be " + what + ", changed were " + changed);
        }
    }

    int sentAgain() {
        return sentAgain.size();
    }

    /** Returns what is wrong after all that was decided on is done. */
    List<String> problems() {
        Set<Numbered> there = list().stream().map(Listed::message).collect(Collectors.toSet());
        if (!there.equals(left)) {
            problems.add("dead letters left should be " + left + ", were " + there);
        }
        return problems;
    }

    void tell(History history) {
        all.forEach(message -> history.becameDeadLetter(message.key(), message.number()));
        sentAgain.forEach(message -> history.sentAgain(message.key(), message.number()));
    }

    private record Listed(String id, Numbered message) {}

    /** Page by page, because payloads are large. */
    private List<Listed> list() {
        List<Listed> found = new ArrayList<>();
        long after = 0;
        while (true) {
            List<ParkedMessage> page = store.list(ParkedQuery.deadLetters().withPage(after, PAGE));
            if (page.isEmpty()) {
                return found;
            }
            for (ParkedMessage parked : page) {
                OutboxRecord record = parked.message().message();
                found.add(new Listed(record.messageId(), Numbered.of(record.payload())));
            }
            after = page.get(page.size() - 1).parkedId();
        }
    }
}
