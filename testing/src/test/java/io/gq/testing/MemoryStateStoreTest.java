package io.gq.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.GroupId;
import io.gq.core.store.StateStore;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MemoryStateStoreTest extends StateStoreContract {

    private static final GroupId GROUP = new GroupId(new UUID(7, 7));

    @Override
    protected StateStore open() {
        return new MemoryStateStore();
    }

    @Override
    protected StateStore reopen(StateStore closing) throws IOException {
        closing.flush();
        closing.close();
        return ((MemoryStateStore) closing).crash();
    }

    @Test
    void shouldLoseWhatWasNotFlushedWhenItCrashes() throws IOException {
        MemoryStateStore store = new MemoryStateStore();
        write(store, 1);
        store.flush();
        write(store, 2);
        write(store, 3);

        assertThat(store.unflushedBatches()).isEqualTo(2);
        MemoryStateStore survived = store.crash();
        assertThat(rows(survived)).isEqualTo(1);
        survived.deleteGroup(GROUP);
        assertThat(rows(survived.crash())).isZero();
    }

    @Test
    void shouldLoseTheLastBatchesOnlyWhenTheSeedSaysSo() throws IOException {
        Set<Integer> survivors = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            MemoryStateStore store = new MemoryStateStore();
            for (int i = 0; i < 4; i++) {
                write(store, i);
            }

            MemoryStateStore survived = store.crash(Seeds.of(seed).random());

            int rows = rows(survived);
            survivors.add(rows);
            assertThat(survived.get(GROUP, key(rows))).isNull();
        }
        assertThat(survivors).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    @Test
    void shouldRefuseCallsWhenClosedOrFailing() throws IOException {
        MemoryStateStore store = new MemoryStateStore();
        store.fail(new IOException("disk gone"));
        assertThatThrownBy(() -> write(store, 1)).hasMessage("disk gone");
        assertThatThrownBy(store::flush).hasMessage("disk gone");
        store.fail(null);
        write(store, 1);
        store.close();
        assertThatThrownBy(() -> store.get(GROUP, key(1))).isInstanceOf(IllegalStateException.class);
    }

    private static void write(StateStore store, int key) throws IOException {
        store.write(store.batch(GROUP).put(key(key), new byte[1]));
    }

    private static byte[] key(int key) {
        return new byte[] {(byte) key};
    }

    private static int rows(StateStore store) {
        int[] rows = {0};
        store.scan(GROUP, new byte[0], (key, value) -> rows[0]++);
        return rows[0];
    }
}
