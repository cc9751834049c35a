package io.gq.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Rules that keep whole kinds of defect out. */
class SafetyRulesTest {

    @Test
    void shouldNotUseJavaSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectOutputStream")
                .because("bytes from outside must never choose which class to make")
                .check(Code.MAIN);
    }

    @Test
    void shouldNotUseNaming() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("javax.naming..")
                .check(Code.MAIN);
    }

    @Test
    void shouldMarkEveryPackageNullMarked() {
        List<String> unmarked = Code.MAIN.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(location -> !location.getName().startsWith("io.gq.proto"))
                .filter(location -> !location.isAnnotatedWith(NullMarked.class))
                .map(JavaPackage::getName)
                .sorted()
                .toList();

        assertThat(unmarked)
                .as("packages without @NullMarked in package-info.java")
                .isEmpty();
    }
}
