package io.outbox.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The modules under test, told apart by the place their classes were read from and not by their packages. */
final class Modules {
    static final String CORE = "outbox-core";
    static final String JDBC = "outbox-jdbc";
    static final String KAFKA = "outbox-kafka";
    static final String RABBIT = "outbox-rabbit";
    static final String DEBEZIUM = "outbox-debezium";
    static final String TESTKIT = "outbox-testkit";
    static final List<String> ALL = List.of(CORE, JDBC, KAFKA, RABBIT, DEBEZIUM, TESTKIT);

    /** Main classes of all modules, none of their tests. */
    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.outbox");

    // .../outbox-core/target/classes/... or .../outbox-core-0.1.0.jar!/...
    private static final Pattern LOCATION =
            Pattern.compile("/(outbox-[a-z]+)(?:/target/(?:[a-z]+/)?classes/|-\\d[^/]*\\.jar!/)");

    private Modules() {}

    static Optional<String> moduleOf(JavaClass type) {
        return type.getSource().map(source -> LOCATION.matcher(source.getUri().toString())).stream()
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .findFirst();
    }

    static DescribedPredicate<JavaClass> in(String... modules) {
        List<String> names = Arrays.asList(modules);
        return DescribedPredicate.describe(
                "in module " + String.join(", ", names),
                type -> moduleOf(type.getBaseComponentType())
                        .filter(names::contains)
                        .isPresent());
    }

    /** Says whether a module has Java sources at all: a module that nobody has begun is not checked. */
    static boolean hasSources(String module) {
        Path root = Path.of("..", module, "src", "main", "java");
        if (!Files.isDirectory(root)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.anyMatch(file -> file.toString().endsWith(".java")
                    && !file.getFileName().toString().equals("package-info.java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
