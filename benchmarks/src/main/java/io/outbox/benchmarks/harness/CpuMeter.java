package io.outbox.benchmarks.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Processor time by role: the relay's process, the database's, the broker's, and this one, which consumes. Read from
 * {@code /proc}, to a hundredth of a second; all zero where there is none.
 */
public final class CpuMeter {
    private static final double TICKS_PER_SECOND = 100;
    private static final int UTIME = 11;
    private static final int CSTIME = 14;

    private CpuMeter() {}

    /** Returns seconds by role since the processes began. */
    public static Map<String, Double> seconds(List<Long> relays) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        seconds.put("relay", 0.0);
        seconds.put("database", 0.0);
        seconds.put("broker", 0.0);
        seconds.put("consumer", ticks(ProcessHandle.current().pid(), false) / TICKS_PER_SECOND);
        ProcessHandle.current().descendants().forEach(process -> {
            String role = role(process, relays);
            if (role != null) {
                // a backend that has ended counts for its parent
                long ticks = ticks(process.pid(), role.equals("database"));
                seconds.merge(role, ticks / TICKS_PER_SECOND, Double::sum);
            }
        });
        return seconds;
    }

    /** Returns the microseconds for each of so many messages that lie between two measurements. */
    public static Map<String, Double> microsPerMessage(
            Map<String, Double> before, Map<String, Double> after, long messages) {
        Map<String, Double> micros = new LinkedHashMap<>();
        after.forEach((role, seconds) -> micros.put(
                role, Math.round((seconds - before.getOrDefault(role, 0.0)) * 1e7 / Math.max(1, messages)) / 10.0));
        return micros;
    }

    @org.jspecify.annotations.Nullable
    private static String role(ProcessHandle process, List<Long> relays) {
        if (relays.contains(process.pid())) {
            return "relay";
        }
        String command = commandLine(process.pid());
        if (command.contains("postgres") || command.contains("mariadbd")) {
            return "database";
        }
        return command.contains("KafkaMain") || command.contains("beam.smp") ? "broker" : null;
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    private static long ticks(long pid, boolean withChildren) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int i = UTIME; i <= (withChildren ? CSTIME : UTIME + 1); i++) {
                ticks += Long.parseLong(fields[i]);
            }
            return ticks;
        } catch (IOException e) {
            return 0;
        }
    }
}
