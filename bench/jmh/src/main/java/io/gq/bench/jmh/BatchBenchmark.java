package io.gq.bench.jmh;

import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the front door does with a batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchBenchmark {

    private static final int SIZE_MAX = 1 << 20;

    @Param({"1024", "16384", "65536"})
    public int batchBytes;

    private ByteBuffer batch = ByteBuffer.allocate(0);

    @Setup
    public void make() {
        batch = Batches.of(1000, batchBytes);
    }

    /** Header and checksum of a batch from a producer. */
    @Benchmark
    public RecordBatch validate() {
        return RecordBatches.checkProduced(batch, SIZE_MAX);
    }
}
