package io.outbox.quickstart;

import io.outbox.quickstart.OrderLine.MalformedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads orders from JSON Lines, one at a time, whatever the length of the file or of a line. */
final class OrderFile {
    private static final int MAX_LINE = 64 * 1024;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /** Takes what a line holds. */
    interface Sink {
        void order(long line, Order order) throws InterruptedException;

        void malformed(long line, String reason);
    }

    private final InputStream in;
    private final Sink sink;

    OrderFile(InputStream in, Sink sink) {
        this.in = new BufferedInputStream(in, 1 << 16);
        this.sink = sink;
    }

    /** Reads to the end; blank lines count and are passed over. */
    void readAll() throws IOException, InterruptedException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long number = 1;
        boolean isTooLong = false;
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                take(number++, line.toByteArray(), isTooLong);
                line.reset();
                isTooLong = false;
            } else if (line.size() < MAX_LINE) {
                line.write(b);
            } else {
                isTooLong = true;
            }
        }
        take(number, line.toByteArray(), isTooLong);
    }

    private void take(long number, byte[] line, boolean isTooLong) throws InterruptedException {
        try {
            if (isTooLong) {
                throw new MalformedException("longer than " + MAX_LINE + " bytes");
            }
            String text = OrderLine.text(line);
            if (number == 1 && text.startsWith(BYTE_ORDER_MARK)) {
                text = text.substring(1);
            }
            if (!text.isBlank()) {
                sink.order(number, OrderLine.order(text));
            }
        } catch (MalformedException e) {
            sink.malformed(number, String.valueOf(e.getMessage()));
        }
    }
}
