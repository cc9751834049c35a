package io.gq.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {

    private static final List<String> KNOWN = List.of("retention_ms", "retention_bytes", "segment_ms", "segment_bytes");

    @Test
    void shouldNameTheOneWithTheFewestDifferences() {
        assertThat(NearestName.of("retention_m", KNOWN)).contains("retention_ms");
        assertThat(NearestName.of("retenton_bytes", KNOWN)).contains("retention_bytes");
        assertThat(NearestName.of("segmentms", KNOWN)).contains("segment_ms");
        assertThat(NearestName.of("egment_bytse", KNOWN)).contains("segment_bytes");
    }

    @Test
    void shouldCountCaseAndDashesAsEqual() {
        assertThat(NearestName.of("RETENTION-MS", KNOWN)).contains("retention_ms");
    }

    @Test
    void shouldTakeTheFirstOfTwoEquallyNear() {
        assertThat(NearestName.of("ax", List.of("az", "ay"))).contains("ay");
        assertThat(NearestName.of("", List.of("bb", "aa"))).contains("aa");
    }

    @Test
    void shouldNameOneEvenWhenNothingIsClose() {
        assertThat(NearestName.of("completely_different", KNOWN)).isPresent();
    }

    @Test
    void shouldNameNothingWhenNothingIsKnown() {
        assertThat(NearestName.of("any", List.of())).isEmpty();
    }

    @Test
    void shouldAnswerQuicklyWhenTheNameIsHuge() {
        assertThat(NearestName.of("x".repeat(1 << 20), KNOWN)).isPresent();
    }
}
