package io.gq.arch;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import java.util.Set;

/** The shipped classes of all modules, read once, and the words the rules are made of. */
final class Code {

    /** Everything but tests and the module {@code testing}, which never ships. */
    static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/io/gq/testing/"))
            .withImportOption(location -> !location.contains("/io/gq/arch/"))
            .importPackages("io.gq");

    /** The project's root. Modules run their tests in their own folder. */
    static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

    private Code() {}

    /** The class itself or anything nested in it. */
    static DescribedPredicate<JavaClass> oneOf(Set<String> names) {
        return DescribedPredicate.describe("one of " + names, type -> names.contains(outermost(type)));
    }

    static DescribedPredicate<JavaAccess<?>> accessTo(String description, Set<String> members) {
        return DescribedPredicate.describe(
                description,
                access -> members.contains(access.getTargetOwner().getFullName() + "."
                        + access.getTarget().getName()));
    }

    private static String outermost(JavaClass type) {
        String name = type.getFullName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }
}
