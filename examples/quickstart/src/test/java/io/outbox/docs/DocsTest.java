package io.outbox.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds README.md and docs/ to the code. Each block of Java is named by a comment before it and equals the region of that
 * name in this package, in the starter's tests or in an example; with {@code -Dsnippets.update=true} this test writes them.
 * Links lead somewhere, tests that are named exist, and every setting is described.
 */
class DocsTest {
    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final Path SNIPPETS = Path.of("src", "test", "java", "io", "outbox", "docs");
    private static final Path SPRING_SNIPPETS = Path.of("..", "..", "outbox-spring-boot-starter")
            .resolve(Path.of("src", "test", "java", "io", "outbox", "spring"));
    private static final Path JDBC_SNIPPETS =
            Path.of("..", "..", "outbox-jdbc").resolve(Path.of("src", "test", "java", "io", "outbox", "jdbc"));
    private static final boolean IS_UPDATE = Boolean.getBoolean("snippets.update");

    private static final Pattern BLOCK = Pattern.compile("(?ms)(?:^<!-- (\\S+) -->\\n)?^```java\\n(.*?)^```$");
    private static final Pattern REGION =
            Pattern.compile("(?ms)^ *// tag::([a-z-]+)\\[\\]\\n(.*?)^ *// end::\\1\\[\\]$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(#[^)\\s]*)?\\)");
    private static final Pattern TEST_NAME = Pattern.compile("`([A-Z]\\w*(?:Test|IT|Contract))(?:\\.(\\w+))?`");

    private static final Pattern SETTING =
            Pattern.compile("(?m)^ +public (?:Builder(?:<T>)?|RetryPolicy) (\\w+)\\((?!\\))");

    static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md")),
                            docs.filter(file -> file.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void javaBlocks_areRegionsOfCompiledCode(Path page) throws IOException {
        Map<String, String> regions = regions();
        String text = Files.readString(page);
        StringBuilder updated = new StringBuilder();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            String name = block.group(1);
            assertThat(regions)
                    .as("the regions, for the block before which %s stands: %s", name, block.group(2))
                    .containsKey(name);
            if (IS_UPDATE) {
                block.appendReplacement(
                        updated,
                        Matcher.quoteReplacement("<!-- " + name + " -->\n```java\n" + regions.get(name) + "```"));
            } else {
                assertThat(block.group(2)).as("the block %s", name).isEqualTo(regions.get(name));
            }
        }
        if (IS_UPDATE) {
            block.appendTail(updated);
            Files.writeString(page, updated);
        }
    }

    @Test
    void readme_hasAShortExample() throws IOException {
        assertThat(Files.readString(ROOT.resolve("README.md"))).contains("<!-- readme -->");
        assertThat(regions()
                        .get("readme")
                        .lines()
                        .filter(line -> !line.isBlank() && !line.strip().startsWith("//")))
                .hasSizeLessThanOrEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void links_leadSomewhere(Path page) throws IOException {
        List<String> dead = new ArrayList<>();
        for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
            String target = link.group(1);
            Path file = target.isEmpty() ? page : page.resolveSibling(target);
            if (!target.contains("://") && (!Files.exists(file) || !hasAnchor(file, link.group(2)))) {
                dead.add(link.group());
            }
        }

        assertThat(dead).isEmpty();
    }

    private static boolean hasAnchor(Path file, String anchor) throws IOException {
        if (anchor == null) {
            return true;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("#"))
                    .map(line -> line.replaceFirst("^#+ ", "")
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z0-9 _-]", "")
                            .replace(' ', '-'))
                    .anyMatch(anchor.substring(1)::equals);
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void testsThatAreNamed_exist(Path page) throws IOException {
        Map<String, Path> sources = sources();
        Set<String> missing = new TreeSet<>();
        for (MatchResult name :
                TEST_NAME.matcher(Files.readString(page)).results().toList()) {
            Path source = sources.get(name.group(1));
            String method = name.group(2);
            if (source == null || method != null && !Files.readString(source).contains(" " + method + "(")) {
                missing.add(name.group());
            }
        }

        assertThat(missing).isEmpty();
    }

    private static Map<String, Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""),
                            file -> file,
                            (one, other) -> one));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Outbox",
                "Relay",
                "RetryPolicy",
                "KafkaPublisher",
                "RabbitPublisher",
                "KafkaConsumerLoop",
                "RabbitConsumerLoop",
                "DedupExpiry"
            })
    void settings_areAllDescribed(String type) throws IOException {
        String configuration = Files.readString(ROOT.resolve("docs/configuration.md"));
        List<String> settings = SETTING.matcher(Files.readString(sources().get(type)))
                .results()
                .map(setting -> "`" + setting.group(1) + "`")
                .toList();

        assertThat(settings).isNotEmpty();
        assertThat(settings).allSatisfy(name -> assertThat(configuration).contains(name));
    }

    private static Map<String, String> regions() throws IOException {
        Map<String, String> regions = new HashMap<>();
        for (Path file : filesWithRegions()) {
            for (MatchResult region :
                    REGION.matcher(Files.readString(file)).results().toList()) {
                assertThat(regions.put(
                                region.group(1), region.group(2).stripTrailing().stripIndent() + "\n"))
                        .as("another region %s", region.group(1))
                        .isNull();
            }
        }
        return regions;
    }

    private static List<Path> filesWithRegions() throws IOException {
        Path mainSources = Path.of("src", "main", "java");
        List<Path> folders = new ArrayList<>(List.of(SNIPPETS, SPRING_SNIPPETS, JDBC_SNIPPETS));
        try (Stream<Path> examples = Files.list(ROOT.resolve("examples"))) {
            examples.map(example -> example.resolve(mainSources))
                    .filter(Files::isDirectory)
                    .forEach(folders::add);
        }
        List<Path> files = new ArrayList<>();
        for (Path folder : folders) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
            }
        }
        return files;
    }
}
