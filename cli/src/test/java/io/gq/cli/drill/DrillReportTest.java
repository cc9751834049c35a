package io.gq.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.cli.drill.DrillVerdict.Row;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DrillReportTest {

    private final DrillJournal journal = new DrillJournal(2);
    private final Map<Integer, List<Row>> rows = new HashMap<>(Map.of(0, new ArrayList<>(), 1, new ArrayList<>()));
    private final List<TrialResult> trials = List.of(
            new TrialResult(1, 3, Map.of(0, 700L), 650, 0, 10),
            new TrialResult(2, 1, Map.of(0, 400L, 1, 900L), 820, 10, 20));

    @BeforeEach
    void twentyRecords() {
        for (int value = 0; value < 20; value++) {
            journal.acknowledged(value % 2, journal.next(), value / 2);
            rows.get(value % 2).add(new Row(value / 2, value));
        }
    }

    @Test
    void shouldSayInOneLineWhatItCost() {
        DrillReport report = new DrillReport(Fault.KILL, trials, journal, rows);

        assertThat(report.json())
                .isEqualTo("{\"mode\":\"kill\",\"trials\":2,\"gap_ms_p50\":700,\"gap_ms_max\":900,\"acked\":20,"
                        + "\"lost\":0,\"duplicated\":0,\"reordered\":0}");
        assertThat(report.verdict().clean()).isTrue();
    }

    @Test
    void shouldNameTheModeAndWhatBecameOfTheBroker() {
        DrillReport paused = new DrillReport(Fault.PAUSE, trials, journal, rows);
        DrillReport stopped = new DrillReport(Fault.STOP, trials, journal, rows);

        assertThat(paused.json()).startsWith("{\"mode\":\"pause\",");
        assertThat(stopped.json()).startsWith("{\"mode\":\"stop\",");
        assertThat(print(paused).lines().findFirst().orElseThrow()).startsWith("TRIAL  PAUSED ");
        assertThat(print(stopped).lines().findFirst().orElseThrow()).startsWith("TRIAL  STOPPED ");
    }

    @Test
    void shouldBlameTheTrialThatLost() {
        rows.get(1).remove(7); // value 15

        String text = print(new DrillReport(Fault.KILL, trials, journal, rows));

        assertThat(text.lines().filter(line -> line.startsWith("1 ")))
                .singleElement()
                .satisfies(line -> assertThat(line).matches("1 +node 3 +700 ms +700 ms +650 ms +10 +0 +0 +0"));
        assertThat(text.lines().filter(line -> line.startsWith("2 ")))
                .singleElement()
                .satisfies(line -> assertThat(line).matches("2 +node 1 +400 ms +900 ms +820 ms +10 +1 +0 +0"));
        assertThat(text.lines().filter(line -> line.startsWith("all")))
                .singleElement()
                .satisfies(line -> assertThat(line).matches("all +700 ms +900 ms +820 ms +20 +1 +0 +0"));
    }

    @Test
    void shouldDecodeOnlyItsOwnRecords() {
        assertThat(DrillLoad.decode("17 " + "x".repeat(100))).isEqualTo(17);
        assertThat(DrillLoad.decode("17")).isEqualTo(-1);
        assertThat(DrillLoad.decode("a " + "x".repeat(100))).isEqualTo(-1);
    }

    private static String print(DrillReport report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        report.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
