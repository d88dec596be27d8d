package io.outbox.consumer.internal;

/** Describes a failure in the headers of a dead letter. */
public final class FailureText {
    private static final int MAX_LENGTH = 1000;
    private static final int MAX_CAUSES = 4;

    private FailureText() {}

    /**
     * Names a failure and its causes.
     *
     * @param failure the failure
     * @return at most 1,000 characters
     */
    public static String of(Throwable failure) {
        StringBuilder text = new StringBuilder();
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            text.append(depth == 0 ? "" : ", caused by ")
                    .append(cause.getClass().getName());
            if (cause.getMessage() != null) {
                text.append(": ").append(cause.getMessage());
            }
            cause = cause.getCause();
        }
        return text.length() <= MAX_LENGTH ? text.toString() : text.substring(0, MAX_LENGTH - 1) + "…";
    }
}
