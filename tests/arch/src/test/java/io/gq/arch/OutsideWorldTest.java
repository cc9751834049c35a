package io.gq.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Clock, randomness and threads come through constructors; only composition roots draw them from the system. */
class OutsideWorldTest {

    private static final Set<String> ROOTS = Set.of(
            "io.gq.broker.Main",
            "io.gq.broker.Broker",
            "io.gq.broker.BrokerRuntime",
            "io.gq.broker.RuntimeThreads",
            "io.gq.client.GqClient");

    private static final DescribedPredicate<JavaClass> NOT_A_ROOT = not(Code.oneOf(ROOTS))
            .and(describe(
                    "no command of the CLI", type -> !type.getPackageName().startsWith("io.gq.cli")))
            .and(describe("no load generator", type -> !type.getPackageName().startsWith("io.gq.bench")))
            .as("outside of composition roots");

    private static final Pattern TEST_SOURCE = Pattern.compile("/(src/test|testing/src/main)/java/.*\\.java$");

    /** {@code Thread.sleep} and that of a time unit, imported or not. */
    private static final Pattern SLEEP = Pattern.compile("\\bsleep\\s*\\(");

    @Test
    void shouldNotReadSystemClock() {
        forbid(Code.accessTo(
                "read the system clock",
                Set.of(
                        "java.lang.System.currentTimeMillis",
                        "java.lang.System.nanoTime",
                        "java.time.Instant.now",
                        "java.time.LocalDateTime.now",
                        "java.time.ZonedDateTime.now",
                        "java.time.OffsetDateTime.now",
                        "java.time.InstantSource.system",
                        "java.time.Clock.systemUTC",
                        "java.time.Clock.systemDefaultZone",
                        "java.time.Clock.system")));
    }

    @Test
    void shouldNotDrawDefaultRandomness() {
        forbid(Code.accessTo(
                        "draw default randomness",
                        Set.of(
                                "java.lang.Math.random",
                                "java.util.UUID.randomUUID",
                                "java.util.random.RandomGenerator.getDefault",
                                "java.util.random.RandomGenerator.of",
                                "java.util.concurrent.ThreadLocalRandom.current",
                                "java.util.Random.<init>",
                                "java.util.SplittableRandom.<init>",
                                "java.security.SecureRandom.<init>"))
                .or(describe(
                        "use ThreadLocalRandom",
                        access -> access.getTargetOwner()
                                .getFullName()
                                .equals("java.util.concurrent.ThreadLocalRandom"))));
    }

    @Test
    void shouldNotStartThreads() {
        forbid(Code.accessTo(
                        "start threads",
                        Set.of(
                                "java.lang.Thread.<init>",
                                "java.util.Timer.<init>",
                                "java.util.concurrent.ForkJoinPool.<init>",
                                "java.util.concurrent.ForkJoinPool.commonPool",
                                "java.util.concurrent.CompletableFuture.delayedExecutor",
                                "java.util.concurrent.CompletableFuture.orTimeout",
                                "java.util.concurrent.CompletableFuture.completeOnTimeout"))
                .or(describe(
                        "use Executors",
                        access -> access.getTargetOwner().getFullName().equals("java.util.concurrent.Executors"))));
    }

    @Test
    void shouldNotSleep() {
        forbid(Code.accessTo("sleep", Set.of("java.lang.Thread.sleep", "java.util.concurrent.TimeUnit.sleep")));
    }

    /** By their sources: not every module's tests are compiled when this one runs. */
    @Test
    void shouldNotSleepInTests() throws IOException {
        List<Path> tests;
        try (Stream<Path> files = Files.walk(Code.ROOT)) {
            tests = files.filter(file -> TEST_SOURCE.matcher(file.toString()).find())
                    .toList();
        }

        assertThat(tests)
                .hasSizeGreaterThan(50)
                .allSatisfy(test -> assertThat(Files.readString(test))
                        .as("a test waits for what it waits for, not for time to pass: %s", test)
                        .doesNotContainPattern(SLEEP));
    }

    private static void forbid(DescribedPredicate<? super JavaAccess<?>> access) {
        noClasses()
                .that(NOT_A_ROOT)
                .should()
                .accessTargetWhere(access)
                .because(
                        "a class that takes its clock, randomness and threads by constructor can be tested without them")
                .check(Code.MAIN);
    }
}
