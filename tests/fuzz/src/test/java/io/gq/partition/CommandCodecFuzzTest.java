package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gq.fuzz.Bounded;
import io.gq.fuzz.Input;
import io.gq.partition.CommandCodec.MalformedCommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Commands in a partition's Raft log, and what a replica that wants a snapshot says it holds. */
public final class CommandCodecFuzzTest {

    public static Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new TreeMap<>();
        var plain = new BatchDescriptor(100, 2, 5, -1, (short) -1, -1);
        var idempotent = new BatchDescriptor(61, 1, 6, 42, (short) 3, 17);
        var append = new PartitionCommand.Append(9, 4, 1000, 1003, 161, 0x1234, 50, List.of(plain, idempotent));
        seeds.put("command/append", Input.array(CommandCodec.encode(append)));
        seeds.put("command/append-inline", Input.array(CommandCodec.encode(append.inline(ByteBuffer.allocate(161)))));
        var trim = new PartitionCommand.Trim(9, 500, 3);
        seeds.put("command/trim", Input.array(CommandCodec.encode(trim)));
        seeds.put("command/trim-padded", Input.array(CommandCodec.encodePadded(trim, 40)));
        seeds.put("held/whole", Input.array(new Held(10, 12, 20, 7).encode()));
        return seeds;
    }

    @FuzzTest
    void command(byte[] data) throws Exception {
        Bounded.check((1 << 20) + 16L * data.length, () -> {
            try {
                PartitionCommand command = CommandCodec.decode(ByteBuffer.wrap(data));
                assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
                if (command instanceof PartitionCommand.Append append) {
                    assertThat(append.endOffset()).isGreaterThan(append.baseOffset());
                    assertThat(append.payloadBytes()).isPositive();
                    assertThat(append.stored(1, 1).length()).isEqualTo(append.payloadBytes());
                }
            } catch (MalformedCommandException expected) {
                assertThat(expected).hasMessageStartingWith("command: ");
            }
        });
    }

    @FuzzTest
    void held(byte[] data) {
        try {
            Held held = Held.decode(ByteBuffer.wrap(data));
            assertThat(Input.array(held.encode())).isEqualTo(data);
            held.copyFrom(5, 50);
        } catch (IOException expected) {
            assertThat(expected).hasMessageStartingWith("held: ");
        }
    }
}
