package io.outbox.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads orders from JSON Lines, one at a time, whatever the length of the file or of a line. */
final class OrderFile {
    private static final int MAX_LINE = 64 * 1024;
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    /** Takes what a line holds. */
    interface Sink {
        void order(long line, Order order) throws InterruptedException;

        void malformed(long line, String reason);
    }

    private final InputStream in;

    OrderFile(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    /** Reads to the end; blank lines count and are passed over. */
    void readAll(Sink sink) throws IOException, InterruptedException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long number = 0;
        boolean tooLong = false;
        int b = in.read();
        while (b >= 0) {
            number++;
            line.reset();
            tooLong = false;
            for (; b >= 0 && b != '\n'; b = in.read()) {
                tooLong = line.size() == MAX_LINE;
                if (!tooLong) {
                    line.write(b);
                }
            }
            if (tooLong) {
                sink.malformed(number, "longer than " + MAX_LINE + " bytes");
            } else {
                parse(number, line.toByteArray(), sink);
            }
            if (b == '\n') {
                b = in.read();
            }
        }
    }

    private static void parse(long number, byte[] line, Sink sink) throws InterruptedException {
        Order order;
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
            if (text.isBlank()) {
                return;
            }
            order = Order.of(JSON.readTree(text));
        } catch (CharacterCodingException e) {
            sink.malformed(number, "not UTF-8");
            return;
        } catch (JsonProcessingException e) {
            sink.malformed(number, "not JSON");
            return;
        } catch (IllegalArgumentException e) {
            sink.malformed(number, String.valueOf(e.getMessage()));
            return;
        }
        sink.order(number, order);
    }
}
