package io.outbox.benchmarks.worker;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.util.LinkedHashMap;
import java.util.Map;

/** What this process holds. */
final class ProcessFigures {
    private ProcessFigures() {}

    /** Collects garbage, then returns what is left, by name. */
    static Map<String, Long> afterCollection() {
        System.gc();
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put("heapBytes", liveBytes());
        figures.put("metaspaceBytes", metaspaceBytes());
        figures.put("directBytes", directBytes());
        figures.put("threads", (long) ManagementFactory.getThreadMXBean().getThreadCount());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            figures.put("files", system.getOpenFileDescriptorCount());
        }
        return figures;
    }

    /** Returns what was in use after the last collection of each part of the heap. */
    static long liveBytes() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage afterCollection = pool.getCollectionUsage();
            bytes += afterCollection == null ? 0 : afterCollection.getUsed();
        }
        return bytes;
    }

    private static long metaspaceBytes() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().equals("Metaspace"))
                .mapToLong(pool -> pool.getUsage().getUsed())
                .sum();
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
