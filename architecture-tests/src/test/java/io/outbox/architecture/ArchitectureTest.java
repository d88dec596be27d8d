package io.outbox.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static io.outbox.architecture.Modules.ALL;
import static io.outbox.architecture.Modules.CLASSES;
import static io.outbox.architecture.Modules.CORE;
import static io.outbox.architecture.Modules.DEBEZIUM;
import static io.outbox.architecture.Modules.JDBC;
import static io.outbox.architecture.Modules.KAFKA;
import static io.outbox.architecture.Modules.RABBIT;
import static io.outbox.architecture.Modules.TESTKIT;
import static io.outbox.architecture.Modules.hasSources;
import static io.outbox.architecture.Modules.in;
import static io.outbox.architecture.Modules.moduleOf;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Holds section 1 of the design: who may depend on whom, and what library code never does. */
class ArchitectureTest {
    private static final String[] LIBRARY = {CORE, JDBC, KAFKA, RABBIT, DEBEZIUM};
    private static final String[] EVERYTHING = ALL.toArray(String[]::new);

    static final Iterable<String> MODULES = ALL;

    /** What each module may use besides the JDK, its own classes and outbox-core. */
    private static final Map<String, Set<String>> LIBRARIES = Map.of(
            CORE, Set.of("org.slf4j..", "org.jspecify..", "com.fasterxml.jackson.."),
            JDBC, Set.of("org.slf4j..", "org.jspecify..", "com.zaxxer.hikari..", "org.postgresql..", "javax.sql.."),
            KAFKA, Set.of("org.slf4j..", "org.jspecify..", "org.apache.kafka.."),
            RABBIT, Set.of("org.slf4j..", "org.jspecify..", "com.rabbitmq.."),
            DEBEZIUM, Set.of("org.jspecify..", "org.apache.kafka.."));

    @Test
    void everyModuleWithSources_isImported() {
        Set<String> imported =
                CLASSES.stream().flatMap(type -> moduleOf(type).stream()).collect(toSet());

        assertThat(imported)
                .containsAll(ALL.stream().filter(Modules::hasSources).toList());
        assertThat(CLASSES.that(
                        describe("of no known module", type -> moduleOf(type).isEmpty())))
                .isEmpty();
    }

    @ParameterizedTest
    @FieldSource("MODULES")
    void module_dependsOnNothingButWhatTheDesignAllows(String module) {
        requireSources(module);
        DescribedPredicate<JavaClass> allowed = in(module, CORE);
        if (module.equals(TESTKIT)) {
            allowed = allowed.or(not(in(EVERYTHING)));
        } else {
            String[] libraries = LIBRARIES.get(module).toArray(String[]::new);
            allowed = allowed.or(resideInAnyPackage(libraries))
                    .or(resideInAPackage("java.."))
                    .or(describe(
                            "primitive", type -> type.getBaseComponentType().isPrimitive()));
            if (module.equals(CORE)) {
                allowed = allowed.and(not(resideInAPackage("java.sql..")));
            }
        }

        classes().that(in(module)).should().onlyDependOnClassesThat(allowed).check(CLASSES);
    }

    @Test
    void packages_haveNoCycles() {
        slices().assignedFrom(new PackageSlices())
                .as("packages of io.outbox")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void packages_areNotSplitOverModules() {
        Map<String, Set<String>> modulesOfPackage = CLASSES.stream()
                .collect(groupingBy(
                        JavaClass::getPackageName,
                        mapping(type -> moduleOf(type).orElse("?"), toSet())));

        assertThat(modulesOfPackage)
                .isNotEmpty()
                .allSatisfy((name, modules) -> assertThat(modules).as(name).hasSize(1));
    }

    @Test
    void spi_usesNeitherRelayNorConsumer() {
        requireSources(CORE);

        noClasses()
                .that()
                .resideInAPackage("io.outbox.spi..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.outbox.relay..", "io.outbox.consumer..")
                .check(CLASSES);
    }

    @Test
    void packages_areNullMarked() {
        Set<String> unmarked = CLASSES.stream()
                .map(JavaClass::getPackage)
                .filter(each -> !each.isAnnotatedWith(NullMarked.class))
                .map(each -> each.getName() + " has no package-info.java with @NullMarked")
                .collect(toSet());

        assertThat(CLASSES).isNotEmpty();
        assertThat(unmarked).isEmpty();
    }

    @Test
    void libraryCode_usesNoStandardStreams() {
        checkLibrary(noClasses().that(in(LIBRARY)).should(ACCESS_STANDARD_STREAMS));
    }

    @Test
    void libraryCode_throwsNoGenericExceptions() {
        checkLibrary(noClasses().that(in(LIBRARY)).should(THROW_GENERIC_EXCEPTIONS));
    }

    @Test
    void libraryCode_logsWithSlf4jOnly() {
        checkLibrary(noClasses().that(in(LIBRARY)).should(USE_JAVA_UTIL_LOGGING));
    }

    @Test
    void libraryCode_readsNoClockAndNeverSleeps() {
        checkLibrary(noClasses()
                .that(in(LIBRARY))
                .should()
                .accessTargetWhere(describe("of a clock or a sleep", ArchitectureTest::readsClockOrSleeps))
                .because("a java.time.Clock and a wait that can be woken are passed in"));
    }

    private static void checkLibrary(ArchRule rule) {
        requireSources(CORE);
        rule.check(CLASSES);
    }

    private static void requireSources(String module) {
        assertThat(hasSources(module)).as("%s has Java sources", module).isTrue();
    }

    private static boolean readsClockOrSleeps(JavaAccess<?> access) {
        return switch (access.getTargetOwner().getName() + "." + access.getName()) {
            case "java.lang.System.currentTimeMillis",
                    "java.lang.Thread.sleep",
                    "java.util.concurrent.TimeUnit.sleep" -> true;
            default ->
                access.getName().equals("now")
                        && access.getTargetOwner().getPackageName().equals("java.time")
                        && access.getTarget() instanceof CodeUnitAccessTarget now
                        && now.getRawParameterTypes().stream().noneMatch(type -> type.isEquivalentTo(Clock.class));
        };
    }

    /** One slice a package, the root package too: subpackages of io.outbox are on their own. */
    private static final class PackageSlices implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().startsWith("io.outbox")
                    ? SliceIdentifier.of(type.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages of io.outbox";
        }
    }
}
