package io.outbox.jdbc;

/** The command line of {@link OutboxSchema}. */
final class SchemaCommand {
    private SchemaCommand() {}

    static void main(String[] arguments) {
        throw new UnsupportedOperationException();
    }
}
