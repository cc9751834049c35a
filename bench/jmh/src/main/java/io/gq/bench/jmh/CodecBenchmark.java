package io.gq.bench.jmh;

import io.gq.partition.BatchDescriptor;
import io.gq.partition.CommandCodec;
import io.gq.partition.PartitionCommand;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The header of an entry, to bytes and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {

    private static final int BATCH_BYTES = 65_000;
    private static final int OFFSETS = 64;

    @Param({"1", "16", "256"})
    public int batches;

    private PartitionCommand command = new PartitionCommand.Trim(0, 0, 0);
    private ByteBuffer encoded = ByteBuffer.allocate(0);

    @Setup
    public void make() {
        BatchDescriptor batch = new BatchDescriptor(BATCH_BYTES, OFFSETS, 1_700_000_000_000L, 4711, (short) 0, 0);
        command = new PartitionCommand.Append(
                1_700_000_000_000L,
                3,
                0,
                (long) batches * OFFSETS,
                batches * BATCH_BYTES,
                0x1234_5678,
                10_000,
                Collections.nCopies(batches, batch));
        encoded = CommandCodec.encode(command);
    }

    @Benchmark
    public ByteBuffer encode() {
        return CommandCodec.encode(command);
    }

    @Benchmark
    public PartitionCommand decode() throws CommandCodec.MalformedCommandException {
        return CommandCodec.decode(encoded);
    }
}
