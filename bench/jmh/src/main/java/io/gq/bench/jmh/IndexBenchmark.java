package io.gq.bench.jmh;

import io.gq.core.record.RecordBatch;
import io.gq.core.replication.DamagedReplicaException;
import io.gq.partition.log.Slice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From an offset anywhere in the log to the batch that holds it: segment, entry index, one small batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class IndexBenchmark {

    private static final int BATCH_BYTES = 1100;
    private static final int TERM = 1;

    @Param({"1000", "100000"})
    public int entries;

    private final SplittableRandom random = new SplittableRandom(1);
    private LogOnDisk log;

    @Setup
    public void fill() throws IOException, DamagedReplicaException {
        log = new LogOnDisk(Path.of("/dev/shm"));
        for (int i = 0; i < entries; i++) {
            ByteBuffer batch = Batches.of(1000, BATCH_BYTES);
            RecordBatch.at(batch, batch.position()).assign(log.nextOffset(), TERM);
            log.append(batch, Batches.records(batch), LogOnDisk.crc(batch));
        }
    }

    @TearDown
    public void close() throws IOException {
        log.close();
    }

    @Benchmark
    public Slice find() {
        return log.log().read(random.nextLong(log.nextOffset()), 1);
    }
}
