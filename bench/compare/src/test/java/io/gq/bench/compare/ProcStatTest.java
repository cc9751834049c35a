package io.gq.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcStatTest {

    @Test
    void shouldAddTimeInAndOutsideOfTheKernel() {
        String stat = "4711 (java) S 1 4711 4711 0 -1 4194304 9000 0 3 0 1234 566 0 0 20 0 98 0 55555 3299552 307004";

        assertThat(ProcStat.cpuSeconds(stat)).isCloseTo(18.0, within(1e-9));
    }

    @Test
    void shouldNotBeMisledByTheNameOfTheProcess() {
        String stat = "12 (a (b) c) 7) R 1 12 12 0 -1 0 0 0 0 0 50 25 0 0 20 0 1 0 9 0 0";

        assertThat(ProcStat.cpuSeconds(stat)).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void shouldRefuseALineThatIsTooShort() {
        assertThatThrownBy(() -> ProcStat.cpuSeconds("12 (java) S 1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: at least 15 fields");
    }

    @Test
    void shouldReadThisProcessAndMissAnEndedOne() throws Exception {
        assertThat(ProcStat.cpuSeconds(List.of(ProcessHandle.current().pid()))).isPositive();

        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        assertThatThrownBy(() -> ProcStat.cpuSeconds(List.of(ended.pid())))
                .isInstanceOf(CompareFailure.class)
                .hasMessageContaining("has ended");
    }
}
