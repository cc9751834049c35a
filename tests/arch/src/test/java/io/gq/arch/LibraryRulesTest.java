package io.gq.arch;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each foreign library has one place that knows it. */
class LibraryRulesTest {

    @Test
    void shouldKnowRatisOnlyInRaft() {
        onlyIn("org.apache.ratis..", "io.gq.raft..");
    }

    @Test
    void shouldKnowRocksDbOnlyInStore() {
        onlyIn("org.rocksdb..", "io.gq.store..");
    }

    @Test
    void shouldKnowMicrometerOnlyInBrokerMetrics() {
        onlyIn("io.micrometer..", "io.gq.broker.metrics..");
    }

    @Test
    void shouldKnowKafkaOnlyInTheComparisonWithIt() {
        onlyIn("org.apache.kafka..", "io.gq.bench.compare..");
    }

    @Test
    void shouldKnowNettyOnlyBetweenRaftServers() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.gq.raft..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(Code.MAIN);
    }

    @Test
    void shouldKnowNoGuava() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.gq.proto..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.google.common..")
                .check(Code.MAIN);
    }

    @Test
    void shouldUseGrpcStubsOnlyAtTheDoors() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.gq.proto..", "io.gq.broker.grpc..", "io.gq.broker.peer..", "io.gq.client.internal..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.gq.proto..").and(nameMatching(".*Grpc(\\$.*)?")))
                .because("a stub is a door: broker.grpc, broker.peer and client.internal hold all of them")
                .check(Code.MAIN);
    }

    @Test
    void shouldUsePicocliOnlyInCommands() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.gq.cli..", "io.gq.bench..")
                .and(com.tngtech.archunit.base.DescribedPredicate.not(
                        Code.oneOf(Set.of("io.gq.broker.Main", "io.gq.broker.VerifyMain"))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(Code.MAIN);
    }

    private static void onlyIn(String library, String home) {
        noClasses()
                .that()
                .resideOutsideOfPackage(home)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because(library + " is known in " + home + " only")
                .check(Code.MAIN);
    }
}
