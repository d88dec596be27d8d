package io.outbox.internal;

/** What UTF-8 can carry. */
public final class Utf8 {
    private Utf8() {}

    /**
     * Tells whether a text comes back from UTF-8 as it was. Half of a surrogate pair becomes a question mark, so that texts that differ
     * would be stored as one.
     *
     * @param text any text
     * @return true when it has no half of a surrogate pair
     */
    public static boolean canCarry(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
