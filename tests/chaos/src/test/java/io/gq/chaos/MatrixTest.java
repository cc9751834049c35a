package io.gq.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.chaos.Matrix.Cell;
import io.gq.testing.history.HistoryReport;
import io.gq.testing.history.HistoryReport.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatrixTest {

    private static final List<Cell> CELLS =
            List.of(new Cell("first", List.of(FaultKind.KILL), 10), new Cell("second", List.of(FaultKind.BRIDGE), 10));

    private final List<FaultKind> ran = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void shouldRunOnlyWhatIsNotDoneWhenStartedAgain(@TempDir Path dir) throws Exception {
        Matrix matrix = new Matrix(CELLS, dir, new PrintStream(out, true, StandardCharsets.UTF_8));
        matrix.run(cell -> plan(cell, dir), this::run);
        assertThat(ran).containsExactly(FaultKind.KILL, FaultKind.BRIDGE);

        java.nio.file.Files.delete(dir.resolve("first.json"));
        ran.clear();
        int exit = matrix.run(cell -> plan(cell, dir), this::run);

        assertThat(ran).containsExactly(FaultKind.KILL);
        assertThat(exit).as("the second cell could not be injected").isEqualTo(3);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("| first | 5 | 1 |  | 100 | 2 | 3 | 0 | 0 | 0 | 0 | 0 | 0 | passed |")
                .contains("| second | 0 | 0 | bridge | 100 | 2 | 3 | 0 | 0 | 0 | 0 | 0 | 0 | inconclusive |");
    }

    @Test
    void shouldHaveEveryKindInBothMatrices() {
        assertThat(Matrix.shortCells()).flatExtracting(Cell::kinds).containsExactlyInAnyOrder(FaultKind.values());
        assertThat(Matrix.longCells(60)).flatExtracting(Cell::kinds).contains(FaultKind.values());
        assertThat(Matrix.longCells(60)).extracting(Cell::name).doesNotHaveDuplicates();
    }

    private ChaosReport run(ChaosPlan plan) {
        FaultKind kind = plan.kinds().get(0);
        ran.add(kind);
        boolean injected = kind == FaultKind.KILL;
        Injection injection = new Injection(
                kind, injected, Duration.ZERO, injected ? Duration.ofSeconds(5) : Duration.ZERO, "detail");
        return new ChaosReport(
                plan.schedule().seed(),
                "loopback",
                plan.kinds(),
                List.of(injection),
                UnderFault.of(List.of(injection)),
                new HistoryReport(Verdict.PASSED, 100, 2, 3, 0, Map.of(), List.of(), Map.of(), List.of()),
                List.of(),
                List.of());
    }

    private static ChaosPlan plan(Cell cell, Path dir) {
        Duration time = Duration.ofSeconds(cell.seconds());
        return new ChaosPlan(cell.kinds(), Schedule.repeated(1, time, cell.kinds()), time, dir, 1, 1, 0, true, false);
    }
}
