package io.gq.partition.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProducerStateTableTest {

    private final ProducerStateTable table = new ProducerStateTable();

    @Test
    void shouldRememberTheLastBatches() {
        int max = ProducerState.BATCHES_MAX;
        for (int i = 0; i < max + 2; i++) {
            table.append(1, (short) 0, new AppendedBatch(i, i, 10 + i, i));
        }
        ProducerState state = table.find(1);
        assertThat(state.batches()).hasSize(max);
        assertThat(state.batches().get(0).baseSequence()).isEqualTo(2);
        assertThat(state.last().baseOffset()).isEqualTo(10 + max + 1);
    }

    @Test
    void shouldForgetEarlierEpochs() {
        table.append(1, (short) 0, new AppendedBatch(0, 0, 10, 1));
        table.append(1, (short) 1, new AppendedBatch(0, 2, 11, 2));
        assertThat(table.find(1)).isEqualTo(new ProducerState((short) 1, List.of(new AppendedBatch(0, 2, 11, 2))));
    }

    @Test
    void shouldForgetTheOneLongestSilentFirst() {
        table.append(1, (short) 0, new AppendedBatch(0, 0, 0, 1));
        table.append(2, (short) 0, new AppendedBatch(0, 0, 1, 2));
        table.append(1, (short) 0, new AppendedBatch(1, 1, 2, 3));
        table.limit(1);
        assertThat(table.all()).containsOnlyKeys(1L);
    }

    @Test
    void shouldExpireByTheTimeOfTheLastBatch() {
        table.append(1, (short) 0, new AppendedBatch(0, 0, 0, 10));
        table.append(2, (short) 0, new AppendedBatch(0, 0, 1, 20));
        assertThat(table.anyBefore(10)).isFalse();
        assertThat(table.anyBefore(11)).isTrue();
        table.expire(20);
        assertThat(table.all()).containsOnlyKeys(2L);
        assertThat(table.size()).isOne();
    }

    @Test
    void shouldKeepItsOrderThroughRestore() {
        table.append(5, (short) 0, new AppendedBatch(0, 0, 0, 1));
        table.append(3, (short) 0, new AppendedBatch(0, 0, 1, 2));
        table.append(5, (short) 0, new AppendedBatch(1, 1, 2, 3));
        Map<Long, ProducerState> unordered = new HashMap<>(table.all());
        ProducerStateTable restored = new ProducerStateTable();
        restored.restore(unordered);
        assertThat(restored.all().keySet())
                .containsExactlyElementsOf(table.all().keySet());
    }

    @Test
    void shouldNameChangesOnceUnlessTheyArePutBack() {
        table.append(1, (short) 0, new AppendedBatch(0, 0, 0, 1));
        List<Long> changes = table.takeChanges();
        assertThat(changes).containsExactly(1L);
        assertThat(table.takeChanges()).isEmpty();
        table.putBack(changes);
        assertThat(table.takeChanges()).containsExactly(1L);
        table.expire(100);
        assertThat(table.takeChanges()).containsExactly(1L);
    }

    @Test
    void shouldKeepTheBytesOfVersionOneForEver() {
        ProducerState state = new ProducerState((short) 2, List.of(new AppendedBatch(7, 9, 1000, 5)));
        byte[] bytes = ProducerStateTable.encode(state);
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo("01" + "0002" + "01" + "00000007" + "00000009" + "00000000000003e8" + "0000000000000005");
        assertThat(ProducerStateTable.decode(ByteBuffer.wrap(bytes))).isEqualTo(state);
        bytes[0] = 9;
        assertThatThrownBy(() -> ProducerStateTable.decode(ByteBuffer.wrap(bytes)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version: 9");
    }
}
