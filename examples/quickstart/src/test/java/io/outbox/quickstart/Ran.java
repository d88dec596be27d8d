package io.outbox.quickstart;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A run of the whole program, as the command line has it: its exit code and what it printed. */
record Ran(int exitCode, String out, String err) {
    static Ran with(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Quickstart.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
        return new Ran(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The number behind a name in the report. */
    long figure(String name) {
        Matcher line =
                Pattern.compile("(?m)^" + Pattern.quote(name) + " +([0-9,]+)$").matcher(out);
        if (!line.find()) {
            throw new AssertionError("no \"" + name + "\" in:\n" + out + err);
        }
        return Long.parseLong(line.group(1).replace(",", ""));
    }
}
