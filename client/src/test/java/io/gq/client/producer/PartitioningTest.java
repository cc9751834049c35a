package io.gq.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.internal.PartitionView;
import io.gq.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class PartitioningTest {

    @Test
    void shouldHashAsKafkasClientsDo() {
        Seeds.check(2000, seeds -> {
            byte[] key = new byte[seeds.random().nextInt(40)];
            seeds.random().nextBytes(key);

            assertThat(Murmur2.hash(ByteBuffer.wrap(key))).isEqualTo(Utils.murmur2(key));
        });
    }

    @Test
    void shouldHashFromPositionToLimitAndMoveNothing() {
        byte[] padded = {9, 9, 1, 2, 3, 4, 5, 9};
        ByteBuffer key = ByteBuffer.wrap(padded, 2, 5);

        assertThat(Murmur2.hash(key)).isEqualTo(Utils.murmur2(new byte[] {1, 2, 3, 4, 5}));
        assertThat(key.position()).isEqualTo(2);
        assertThat(key.remaining()).isEqualTo(5);
    }

    @Test
    void shouldGiveAPartitionInRangeWhenHashIsNegative() {
        int negatives = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] key = ("key-" + i).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            negatives += Utils.murmur2(key) < 0 ? 1 : 0;
            int partition = Murmur2.partition(ByteBuffer.wrap(key), 7);
            assertThat(partition).isBetween(0, 6).isEqualTo(Utils.toPositive(Utils.murmur2(key)) % 7);
        }
        assertThat(negatives).isGreaterThan(300);
    }

    @Test
    void shouldStayUntilToldToMoveAndThenVisitEveryPartitionInTurn() {
        StickyRoundRobin sticky = new StickyRoundRobin(Seeds.of(1).random());
        List<PartitionView> partitions = views(1, 1, 1);
        int first = sticky.current("t", partitions);

        assertThat(sticky.current("t", partitions)).isEqualTo(first);
        int second = sticky.after("t", first, partitions);
        assertThat(sticky.after("t", first, partitions))
                .as("another thread moved on already")
                .isEqualTo(second);
        int third = sticky.after("t", second, partitions);
        assertThat(new TreeSet<>(List.of(first, second, third))).containsExactly(0, 1, 2);
    }

    @Test
    void shouldPassOverPartitionsWithoutLeaderUnlessNoneHasOne() {
        StickyRoundRobin sticky = new StickyRoundRobin(Seeds.of(1).random());
        List<PartitionView> one = views(0, 2, 0);
        int current = sticky.current("t", one);

        assertThat(sticky.after("t", current, one)).isEqualTo(1);
        assertThat(sticky.after("t", 1, one)).isEqualTo(1);
        assertThat(sticky.after("t", 1, views(0, 0, 0))).isEqualTo(2);
    }

    private static List<PartitionView> views(int... leaders) {
        return IntStream.of(leaders)
                .mapToObj(leader -> new PartitionView(leader, 1, Collections.emptyList()))
                .toList();
    }
}
