package io.gq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.GroupId;
import io.gq.core.store.StateStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link StateStore} must do: extend it and say how to open one. */
public abstract class StateStoreContract {

    private static final GroupId GROUP = new GroupId(new UUID(0, 1));
    private static final GroupId OTHER = new GroupId(new UUID(0, 2));
    private static final GroupId LAST = new GroupId(new UUID(-1, -1));

    private StateStore store;

    /** An empty store. */
    protected abstract StateStore open() throws IOException;

    /** Closes the store and opens it again over what it made durable. */
    protected abstract StateStore reopen(StateStore closing) throws IOException;

    @BeforeEach
    final void openStore() throws IOException {
        store = open();
    }

    @AfterEach
    final void closeStore() throws IOException {
        store.close();
    }

    @Test
    void shouldAnswerNullWhenKeyIsUnknown() {
        assertThat(store.get(GROUP, bytes("a"))).isNull();
    }

    @Test
    void shouldReadWhatWasWritten() throws IOException {
        store.write(store.batch(GROUP).put(bytes("a"), bytes("1")).put(bytes("b"), bytes("")));

        assertThat(store.get(GROUP, bytes("a"))).isEqualTo(bytes("1"));
        assertThat(store.get(GROUP, bytes("b"))).isEmpty();
    }

    @Test
    void shouldLetTheLaterChangeWinWithinABatch() throws IOException {
        store.write(store.batch(GROUP)
                .put(bytes("a"), bytes("1"))
                .delete(bytes("a"))
                .put(bytes("b"), bytes("1"))
                .put(bytes("b"), bytes("2")));

        assertThat(rows(GROUP, "")).containsExactly("b=2");
    }

    @Test
    void shouldChangeNothingBeforeTheBatchIsWritten() {
        store.batch(GROUP).put(bytes("a"), bytes("1"));

        assertThat(store.get(GROUP, bytes("a"))).isNull();
    }

    @Test
    void shouldKeepGroupsApart() throws IOException {
        store.write(store.batch(GROUP).put(bytes("a"), bytes("1")));
        store.write(store.batch(OTHER).put(bytes("a"), bytes("2")));
        store.write(store.batch(LAST).put(bytes("a"), bytes("3")));

        assertThat(rows(GROUP, "")).containsExactly("a=1");
        assertThat(rows(OTHER, "")).containsExactly("a=2");
        assertThat(rows(LAST, "")).containsExactly("a=3");
    }

    @Test
    void shouldScanAPrefixInUnsignedOrder() throws IOException {
        byte[] low = {'p', 0x01};
        byte[] high = {'p', (byte) 0xff};
        byte[] higher = {'p', (byte) 0xff, (byte) 0xff};
        store.write(store.batch(GROUP)
                .put(higher, bytes("3"))
                .put(high, bytes("2"))
                .put(low, bytes("1"))
                .put(bytes("p"), bytes("0"))
                .put(bytes("q"), bytes("no"))
                .put(bytes("o"), bytes("no")));

        List<String> values = new ArrayList<>();
        store.scan(GROUP, bytes("p"), (key, value) -> values.add(text(value)));

        assertThat(values).containsExactly("0", "1", "2", "3");
        List<String> ofHighest = new ArrayList<>();
        store.scan(GROUP, high, (key, value) -> ofHighest.add(text(value)));
        assertThat(ofHighest).containsExactly("2", "3");
    }

    @Test
    void shouldNotBeChangedThroughArraysThatWentInOrOut() throws IOException {
        byte[] key = bytes("a");
        byte[] value = bytes("1");
        store.write(store.batch(GROUP).put(key, value));
        key[0] = 'x';
        value[0] = 'x';

        byte[] read = store.get(GROUP, bytes("a"));
        assertThat(read).isEqualTo(bytes("1"));
        Arrays.fill(read, (byte) 'x');
        assertThat(store.get(GROUP, bytes("a"))).isEqualTo(bytes("1"));
    }

    @Test
    void shouldDeleteOneGroupOnly() throws IOException {
        store.write(store.batch(GROUP).put(bytes("a"), bytes("1")).put(bytes("b"), bytes("1")));
        store.write(store.batch(OTHER).put(bytes("a"), bytes("2")));
        store.write(store.batch(LAST).put(bytes("a"), bytes("3")));

        store.deleteGroup(GROUP);
        store.deleteGroup(LAST);

        assertThat(rows(GROUP, "")).isEmpty();
        assertThat(rows(LAST, "")).isEmpty();
        assertThat(rows(OTHER, "")).containsExactly("a=2");
    }

    @Test
    void shouldKeepWhatWasFlushedWhenReopened() throws IOException {
        store.write(store.batch(GROUP).put(bytes("a"), bytes("1")).put(bytes("b"), bytes("1")));
        store.write(store.batch(GROUP).delete(bytes("b")));
        store.write(store.batch(OTHER).put(bytes("c"), bytes("1")));
        store.deleteGroup(OTHER);
        store.flush();

        store = reopen(store);

        assertThat(rows(GROUP, "")).containsExactly("a=1");
        assertThat(rows(OTHER, "")).isEmpty();
    }

    @Test
    void shouldEqualASortedMapWhenDrivenAtRandom() {
        Seeds.check(5, seeds -> {
            Map<GroupId, TreeMap<String, String>> model = new HashMap<>();
            List<GroupId> groups = List.of(GROUP, OTHER);
            groups.forEach(group -> model.put(group, new TreeMap<>()));
            for (GroupId group : groups) {
                store.deleteGroup(group);
            }
            for (int step = 0; step < 200; step++) {
                GroupId group = seeds.pick(groups);
                StateStore.Batch batch = store.batch(group);
                for (int i = seeds.between(0, 5); i > 0; i--) {
                    String key = seeds.word(0, 2);
                    if (seeds.oneIn(3)) {
                        batch.delete(bytes(key));
                        model.get(group).remove(key);
                    } else {
                        String value = seeds.word(0, 5);
                        batch.put(bytes(key), bytes(value));
                        model.get(group).put(key, value);
                    }
                }
                store.write(batch);
                if (seeds.oneIn(20)) {
                    store.flush();
                    store = reopen(store);
                }
                String prefix = seeds.word(0, 1);
                List<String> expected = new ArrayList<>();
                model.get(group).forEach((key, value) -> {
                    if (key.startsWith(prefix)) {
                        expected.add(key + "=" + value);
                    }
                });
                assertThat(rows(group, prefix)).isEqualTo(expected);
            }
        });
    }

    private List<String> rows(GroupId group, String prefix) {
        List<String> rows = new ArrayList<>();
        store.scan(group, bytes(prefix), (key, value) -> rows.add(text(key) + "=" + text(value)));
        return rows;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
