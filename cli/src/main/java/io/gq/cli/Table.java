package io.gq.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns as wide as they need to be, numbers to the right, two blanks between. */
final class Table {

    private final List<String> heads;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... heads) {
        this.heads = List.of(heads);
    }

    Table row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(String.valueOf(cell));
        }
        rows.add(row);
        return this;
    }

    /** One line a row, each ended by LF. */
    String text() {
        StringBuilder text = new StringBuilder();
        List<List<String>> all = new ArrayList<>(rows);
        all.add(0, heads);
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < heads.size(); c++) {
                String cell = row.get(c);
                String pad = " ".repeat(width(c) - cell.length());
                line.append(c == 0 ? "" : "  ").append(numeric(c) ? pad + cell : cell + pad);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        int width = heads.get(column).length();
        for (List<String> row : rows) {
            width = Math.max(width, row.get(column).length());
        }
        return width;
    }

    private boolean numeric(int column) {
        return !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column).matches("-?\\d+|-|"));
    }
}
