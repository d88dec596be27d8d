package io.outbox.benchmarks.worker;

import com.sun.management.OperatingSystemMXBean;
import io.outbox.benchmarks.wire.ArrivalCheck;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of one contender: takes commands, one a line, from standard input and answers each with a line. Ends with
 * its input, so that it does not outlive the bench command.
 */
public final class Worker {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final WorkerContext context;
    private final Contender contender;

    private Worker(WorkerContext context, Contender contender) {
        this.context = context;
        this.contender = contender;
    }

    /**
     * Runs a worker.
     *
     * @param arguments the class of the contender
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        // whatever else prints must not be taken for an answer
        System.setOut(System.err);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Worker worker = null;
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            WireLine command = WireLine.parse(line);
            WireLine answer;
            try {
                if (worker == null) {
                    worker = open(arguments[0], command);
                    answer = new WireLine("ok", Map.of());
                } else {
                    answer = new WireLine("ok", worker.run(command));
                }
            } catch (Exception e) {
                LOG.error("command {} failed", command.word(), e);
                answer = new WireLine("failed", Map.of("cause", String.valueOf(e)));
            }
            answers.println(answer.text());
            answers.flush();
        }
        // contenders may have left threads
        System.exit(0);
    }

    private static Worker open(String contenderClass, WireLine command) throws ReflectiveOperationException {
        WorkerContext context = new WorkerContext(command.values());
        Contender contender = Class.forName(contenderClass)
                .asSubclass(Contender.class)
                .getConstructor(WorkerContext.class)
                .newInstance(context);
        return new Worker(context, contender);
    }

    private Map<String, String> run(WireLine command) throws Exception {
        switch (command.word()) {
            case "create" -> {
                context.database().createBusinessTable();
                contender.createTables();
            }
            case "preload" -> contender.preload(command.number("from"), command.number("to"), command.text("topic"));
            case "expect" -> context.expect(new ArrivalCheck(command.number("messages"), context.keys(), false));
            case "start" -> {
                long before = System.nanoTime();
                contender.startRelay(command.text("topic"));
                return Map.of("nanos", Long.toString(before));
            }
            case "stop" -> contender.stopRelay();
            case "arrivals" -> {
                ArrivalCheck check = context.check();
                synchronized (check) {
                    return check.result(command.number("sent")).toMap();
                }
            }
            case "write" -> {
                return write(command);
            }
            case "usage" -> {
                return usage(command.values().containsKey("collect"));
            }
            case "figures" -> {
                return figures();
            }
            default -> throw new IllegalArgumentException("unknown command " + command.word());
        }
        return Map.of();
    }

    private Map<String, String> write(WireLine command) throws InterruptedException, IOException {
        WriteLoad load = new WriteLoad(
                contender,
                context,
                command.text("topic"),
                (int) command.number("writers"),
                command.number("milliseconds"),
                command.number("perSecond"),
                (int) command.number("limit"));
        long before = System.nanoTime();
        long committed = load.run();
        long nanos = System.nanoTime() - before;
        load.save(Path.of(command.text("file")), committed);
        return Map.of("committed", Long.toString(committed), "nanos", Long.toString(nanos));
    }

    private Map<String, String> figures() throws Exception {
        Map<String, Long> figures = ProcessFigures.afterCollection();
        if (contender instanceof LongRunning running) {
            figures.putAll(running.figures());
        }
        Map<String, String> answer = new LinkedHashMap<>();
        figures.forEach((name, value) -> answer.put(name, Long.toString(value)));
        return answer;
    }

    private Map<String, String> usage(boolean collectGarbage) {
        if (collectGarbage) {
            System.gc();
        }
        Map<String, String> usage = new LinkedHashMap<>();
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        usage.put("cpuNanos", Long.toString(system.getProcessCpuTime()));
        usage.put("nowNanos", Long.toString(System.nanoTime()));
        usage.put("heapBytes", Long.toString(heap.getUsed()));
        usage.put("statements", Long.toString(context.database().statements()));
        usage.put("liveBytes", Long.toString(ProcessFigures.liveBytes()));
        return usage;
    }
}
