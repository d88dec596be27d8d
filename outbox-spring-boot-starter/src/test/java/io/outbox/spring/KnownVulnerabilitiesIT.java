package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The libraries on the class paths of the services in src/it, which Maven has built by then. */
class KnownVulnerabilitiesIT {
    private static final Path SERVICES = Path.of("target", "it");

    /**
     * Library (its name may go on where a * is), the lowest versions without the faults that are known to us, one for each
     * line of versions that is mended, and which faults. What was found by hand: not a scan.
     */
    private static final String MENDED = """
            at.yawk.lz4:lz4-java 1.11.4 CVE-2026-59949 CVE-2026-106449 CVE-2026-106450 CVE-2026-106452 CVE-2026-106453
            com.fasterxml.jackson.core:jackson-core 2.22.3 CVE-2026-89407 CVE-2026-89425
            com.fasterxml.jackson.core:jackson-databind 2.22.3 CVE-2026-91776 CVE-2026-91777
            com.github.luben:zstd-jni 1.5.7-16 CVE-2026-90560 openSUSE-SU-2026:11769-1
            com.rabbitmq:amqp-client 5.33.1 CVE-2026-63335 CVE-2026-63336 CVE-2026-63337 CVE-2026-69219 CVE-2026-69220
            io.netty:netty-* 4.2.20.Final GHSA-m77g-r4c7-3w77 GHSA-rx4g-qxm6-238r GHSA-qhw9-p586-v948
            org.apache.kafka:kafka* 4.2.2 4.3.2 4.4.0 CVE-2026-111073 CVE-2026-111108 CVE-2026-111115
            org.apache.logging.log4j:log4j-api 2.25.5 2.26.1 CVE-2026-49844
            org.apache.logging.log4j:log4j-core 2.25.4 CVE-2026-34477 CVE-2026-34478 CVE-2026-34480
            org.mariadb.jdbc:mariadb-java-client 3.5.9 CVE-2026-55856 CVE-2026-55858
            org.postgresql:postgresql 42.7.12 CVE-2026-42198 CVE-2026-54291
            org.xerial.snappy:snappy-java 1.1.10.9 CVE-2026-90559 CVE-2026-93451 CVE-2026-108106 CVE-2026-116590
            tools.jackson.core:jackson-core 3.1.7 3.2.3 CVE-2026-68498 CVE-2026-89407 CVE-2026-89425
            tools.jackson.core:jackson-databind 3.1.7 3.2.3 CVE-2026-68497 CVE-2026-91776 CVE-2026-91777
            """;

    @ParameterizedTest
    @CsvSource({
        "libraries, kafka-clients snappy-java lz4-java zstd-jni amqp-client netty-handler netty-buffer log4j-api kafka-server",
        "newcomer, kafka-clients snappy-java lz4-java zstd-jni spring-kafka",
        "rabbit-service, amqp-client netty-handler netty-buffer netty-codec-base spring-rabbit"
    })
    void servicesGetNoLibrary_withFaultsThatAreKnown(String service, String some) throws IOException {
        Map<String, String> libraries = libraries(service);

        assertThat(libraries.keySet().stream().map(name -> name.replaceFirst(".*:", "")))
                .contains(some.split(" "));
        Map<String, String> faulty = new TreeMap<>();
        libraries.forEach((name, version) -> MENDED.lines()
                .filter(line -> !isMended(name, version, line))
                .forEach(line -> faulty.put(name + ":" + version, line)));
        assertThat(faulty).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"newcomer", "rabbit-service"})
    void theManual_saysWhatTheServicesSet(String service) throws IOException {
        List<String> set = Files.readString(SERVICES.resolve(service).resolve("pom.xml"))
                .replaceAll("(?s).*<properties>|</properties>.*", "")
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("<") && !line.startsWith("<java."))
                .toList();

        assertThat(set).isNotEmpty();
        assertThat(Files.readString(Path.of("..", "docs", "spring.md"))).contains(set);
    }

    @Test
    void versionsAreCompared_withTheLineTheyBelongTo() {
        String line = "org.apache.kafka:kafka* 4.2.2 4.3.2 4.4.0 CVE-1";

        assertThat(isMended("org.apache.kafka:kafka_2.13", "4.2.10", line)).isTrue();
        assertThat(isMended("org.apache.kafka:kafka-clients", "4.3.1", line)).isFalse();
        assertThat(isMended("org.apache.kafka:kafka-clients", "4.1.9", line)).isFalse();
        assertThat(isMended("org.apache.kafka:kafka-clients", "5.0.0", line)).isTrue();
        assertThat(isMended("org.example:kafka-clients", "1.0", line)).isTrue();
        assertThat(isMended("a:b", "1.5.7-9", "a:b 1.5.7-16 CVE-1")).isFalse();
    }

    /** Whether the line is about another library, or the version is one that it allows. */
    private static boolean isMended(String library, String version, String line) {
        List<String> words = List.of(line.split(" "));
        String name = words.get(0);
        boolean meant =
                name.endsWith("*") ? library.startsWith(name.substring(0, name.length() - 1)) : library.equals(name);
        List<int[]> mended = words.stream()
                .skip(1)
                .takeWhile(word -> Character.isDigit(word.charAt(0)))
                .map(KnownVulnerabilitiesIT::numbers)
                .toList();
        int[] is = numbers(version);
        return !meant
                || Arrays.compare(is, mended.get(mended.size() - 1)) >= 0
                || mended.stream().anyMatch(low -> Arrays.equals(is, 0, 2, low, 0, 2) && Arrays.compare(is, low) >= 0);
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("[.-]"))
                .filter(part -> part.chars().allMatch(Character::isDigit))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    /** Group and name, and the version, from where the jars lie in Maven's repository. */
    private static Map<String, String> libraries(String service) throws IOException {
        Path repository = Path.of("target", "it-repository").toAbsolutePath().normalize();
        Map<String, String> libraries = new TreeMap<>();
        for (String jar : Files.readString(SERVICES.resolve(service).resolve("target/class-path.txt"))
                .strip()
                .split(File.pathSeparator)) {
            Path version = repository.relativize(Path.of(jar)).getParent();
            Path name = version.getParent();
            libraries.put(
                    name.getParent().toString().replace('/', '.') + ":" + name.getFileName(),
                    version.getFileName().toString());
        }
        return libraries;
    }
}
