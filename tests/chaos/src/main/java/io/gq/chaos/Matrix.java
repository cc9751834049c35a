package io.gq.chaos;

import io.gq.testing.history.HistoryReport.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Runs cell by cell, each with a cluster of its own. A cell that has its file in the directory is done. */
final class Matrix {

    /**
     * One run.
     *
     * @param name of its file
     * @param seconds how long faults are injected; 0: each kind once
     */
    record Cell(String name, List<FaultKind> kinds, int seconds) {
        Cell {
            kinds = List.copyOf(kinds);
        }
    }

    /** A run that may be interrupted. */
    interface Runner {
        ChaosReport run(ChaosPlan plan) throws InterruptedException;
    }

    private final List<Cell> cells;
    private final Path dir;
    private final PrintStream out;

    Matrix(List<Cell> cells, Path dir, PrintStream out) {
        this.cells = List.copyOf(cells);
        this.dir = dir;
        this.out = out;
    }

    /** Each kind once, those that go together in one cluster. */
    static List<Cell> shortCells() {
        return List.of(
                once("processes", "kill", "pause", "kill-all", "pause-kill"),
                once("network", "partition", "partition-one-way", "isolate-leader", "bridge", "flapping", "slow-link"),
                once("power", "power-loss", "power-loss-all"),
                once("disk", "disk-full", "disk-stall", "fsync-error"),
                once("segments", "segment-flip", "segment-truncate", "segment-zero", "wipe"),
                once("raft-log", "log-flip", "log-truncate", "log-zero"),
                once("raft-meta", "meta-flip", "meta-truncate", "meta-zero"),
                once("clock-and-topics", "clock-jump", "topic-churn"));
    }

    /** Each kind for so long, and the pairs that are known to find more. */
    static List<Cell> longCells(int seconds) {
        List<Cell> cells = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            cells.add(new Cell(kind.label(), List.of(kind), seconds));
        }
        cells.add(pair(seconds, "kill", "partition"));
        cells.add(pair(seconds, "kill", "power-loss"));
        cells.add(pair(seconds, "pause", "kill"));
        cells.add(pair(seconds, "disk-full", "kill"));
        cells.add(pair(seconds, "topic-churn", "partition"));
        cells.add(new Cell("all", List.of(FaultKind.values()), 2 * seconds));
        return cells;
    }

    private static Cell once(String name, String... labels) {
        return new Cell(name, Arrays.stream(labels).map(FaultKind::of).toList(), 0);
    }

    private static Cell pair(int seconds, String first, String second) {
        return new Cell(first + "+" + second, List.of(FaultKind.of(first), FaultKind.of(second)), seconds);
    }

    /** Runs what is not done yet and prints the table. The exit code of the worst cell. */
    int run(Function<Cell, ChaosPlan> plans, Runner runner) throws InterruptedException {
        MatrixTable table = new MatrixTable();
        int worst = 0;
        for (Cell cell : cells) {
            Path file = dir.resolve(cell.name() + ".json");
            if (!Files.exists(file)) {
                out.println("== cell " + cell.name());
                ChaosReport report = runner.run(plans.apply(cell));
                report.troubles().forEach(trouble -> out.println("trouble: " + trouble));
                if (report.history() != null && report.verdict() != Verdict.PASSED) {
                    out.println(report.history().describe());
                }
                out.println(report.line());
                store(file, report.json(cell.name()));
            } else {
                out.println("== cell " + cell.name() + ": done before");
            }
            Verdict verdict = table.add(read(file));
            worst = worse(worst, ChaosCommand.exitCode(verdict));
        }
        out.println();
        out.print(table.markdown());
        return worst;
    }

    /** 1, a finding, is worse than 3, a run that proves nothing. */
    private static int worse(int a, int b) {
        return a == 1 || b == 1 ? 1 : Math.max(a, b);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void store(Path file, String json) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Files.writeString(part, json + "\n");
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
