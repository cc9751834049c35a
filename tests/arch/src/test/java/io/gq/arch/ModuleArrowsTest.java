package io.gq.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arrows between modules point down and never sideways. */
class ModuleArrowsTest {

    private static final Map<String, List<String>> MAY_KNOW = Map.of(
            "proto", List.of(),
            "core", List.of(),
            "store", List.of("core"),
            "partition", List.of("core"),
            "raft", List.of("core"),
            "controller", List.of("core", "proto"),
            "broker", List.of("core", "proto", "store", "partition", "raft", "controller"),
            "client", List.of("core", "proto"),
            "cli", List.of("core", "client"),
            "bench", List.of("core", "client", "cli"));

    static Stream<String> modules() {
        return MAY_KNOW.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void shouldKnowOnlyModulesBelow(String module) {
        String[] allowed = Stream.concat(Stream.of(module), MAY_KNOW.get(module).stream())
                .map(name -> "io.gq." + name + "..")
                .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage("io.gq." + module + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.gq..").and(not(resideInAnyPackage(allowed))))
                .because("arrows point down: " + module + " may know " + MAY_KNOW.get(module))
                .check(Code.MAIN);
    }

    @Test
    void shouldHaveArrowsForEveryModule() {
        List<String> found = Code.MAIN.stream()
                .map(type -> type.getPackageName().split("\\."))
                .filter(parts -> parts.length > 2)
                .map(parts -> parts[2])
                .distinct()
                .sorted()
                .toList();

        assertThat(found)
                .as("modules with classes")
                .containsExactlyElementsOf(modules().toList());
    }
}
