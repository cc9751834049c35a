package io.gq.testing.history;

import java.util.List;

/** Everything that was done and seen. Each list is in the order of its events per process, reader or source. */
public record History(List<Append> appends, List<Read> reads, List<EndRead> ends, List<LogDump> dumps) {
    public History {
        appends = List.copyOf(appends);
        reads = List.copyOf(reads);
        ends = List.copyOf(ends);
        dumps = List.copyOf(dumps);
    }
}
