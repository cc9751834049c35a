package io.gq.bench.jmh;

import io.gq.core.replication.DamagedReplicaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Payload of one entry into the segment, its row into the index, both synced, on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LogBenchmark {

    @Param({"16384", "65536", "1000000"})
    public int entryBytes;

    /** Where a sync costs nothing, and where it costs what the disk takes. */
    @Param({"/dev/shm", "."})
    public String directory = ".";

    private LogOnDisk log;
    private ByteBuffer payload;
    private int records;
    private int crc;

    @Setup(Level.Iteration)
    public void open() throws IOException, DamagedReplicaException {
        log = new LogOnDisk(Path.of(directory));
        payload = Batches.of(1000, entryBytes);
        records = Batches.records(payload);
        crc = LogOnDisk.crc(payload);
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        log.close();
    }

    @Benchmark
    public void append() {
        log.append(payload.duplicate(), records, crc);
    }
}
