package io.gq.controller.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PersistentMapTest {

    @Test
    void shouldEqualASortedMapAndLeaveOlderCopiesAsTheyWere() {
        Seeds.check(50, seeds -> {
            TreeMap<Integer, Integer> model = new TreeMap<>();
            PersistentMap<Integer, Integer> map = PersistentMap.empty(Comparator.naturalOrder());
            List<PersistentMap<Integer, Integer>> copies = new ArrayList<>();
            List<List<Integer>> valuesThen = new ArrayList<>();
            for (int step = 0; step < 500; step++) {
                int key = seeds.between(0, 150);
                if (seeds.oneIn(3)) {
                    model.remove(key);
                    map = map.without(key);
                } else {
                    model.put(key, step);
                    map = map.with(key, step);
                }
                assertThat(map.get(key)).isEqualTo(model.get(key));
                assertThat(map.contains(key)).isEqualTo(model.containsKey(key));
                assertThat(map.size()).isEqualTo(model.size());
                if (seeds.oneIn(20)) {
                    copies.add(map);
                    valuesThen.add(List.copyOf(model.values()));
                }
            }
            assertThat(map.values()).isEqualTo(List.copyOf(model.values()));
            for (int i = 0; i < copies.size(); i++) {
                assertThat(copies.get(i).values()).isEqualTo(valuesThen.get(i));
            }
        });
    }

    @Test
    void shouldStayShallowWhenKeysComeAndGoInOrder() {
        PersistentMap<Integer, Integer> map = PersistentMap.empty(Comparator.naturalOrder());
        int keys = 10_000;
        for (int key = 0; key < keys; key++) {
            map = map.with(key, key);
        }
        assertThat(map.height()).isLessThanOrEqualTo(heightMax(keys));
        for (int key = 0; key < keys - 100; key++) {
            map = map.without(key);
        }
        assertThat(map.size()).isEqualTo(100);
        assertThat(map.height()).isLessThanOrEqualTo(heightMax(100));
    }

    @Test
    void shouldBeTheSameMapWhenNothingIsRemoved() {
        PersistentMap<String, String> map =
                PersistentMap.<String, String>empty(Comparator.naturalOrder()).with("a", "1");

        assertThat(map.without("b")).isSameAs(map);
    }

    /** The bound of a height-balanced tree. */
    private static int heightMax(int size) {
        return (int) (1.4405 * Math.log(size + 2) / Math.log(2));
    }
}
