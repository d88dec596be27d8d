package io.outbox.spi;

/** Turns payload objects into bytes and back. Thread-safe. Bytes and Strings never pass through it. */
public interface PayloadCodec {
    /**
     * Returns the media type of what it encodes.
     *
     * @return for example {@code application/json}
     */
    String contentType();

    /**
     * Encodes a payload.
     *
     * @param payload the object
     * @return its bytes
     * @throws io.outbox.InvalidMessageException when it cannot be encoded
     */
    byte[] encode(Object payload);

    /**
     * Decodes a payload to a class the application has named; never to a class that the bytes name.
     *
     * @param <P> the class
     * @param payload the bytes
     * @param payloadClass the class
     * @return the object
     * @throws io.outbox.InvalidMessageException when the bytes do not fit the class
     */
    <P> P decode(byte[] payload, Class<P> payloadClass);
}
