package io.outbox.consumer;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** Makes name-based UUIDs (version 5, RFC 9562 section 5.5) from three texts, so that no two triples are one name. */
final class EffectKeys {
    private static final UUID NAMESPACE = UUID.fromString("5d1a7c1e-7f43-4f0e-9d6c-0b7a52e3b5c4");

    private EffectKeys() {}

    static String key(String group, String messageId, String effect) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(name)) {
            out.writeLong(NAMESPACE.getMostSignificantBits());
            out.writeLong(NAMESPACE.getLeastSignificantBits());
            out.writeUTF(group); // with its length, so that "a" + "bc" is not "ab" + "c"
            out.writeUTF(messageId);
            out.writeUTF(effect);
            ByteBuffer hash = ByteBuffer.wrap(MessageDigest.getInstance("SHA-1").digest(name.toByteArray()));
            long high = (hash.getLong() & ~0xF000L) | 0x5000L;
            long low = (hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
            return new UUID(high, low).toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the texts are too long for a key", e);
        }
    }
}
