package io.outbox.relay;

/** Puts a failure into words for an operator. */
final class Failures {
    private static final int MAX_CHARS = 1000;

    private Failures() {}

    static String describe(Throwable failure) {
        StringBuilder text = new StringBuilder();
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 4; depth++) {
            if (depth > 0) {
                text.append(", caused by ");
            }
            text.append(cause.getClass().getSimpleName());
            if (cause.getMessage() != null) {
                text.append(": ").append(cause.getMessage());
            }
            cause = cause.getCause();
        }
        return text.length() <= MAX_CHARS ? text.toString() : text.substring(0, MAX_CHARS - 1) + "…";
    }
}
