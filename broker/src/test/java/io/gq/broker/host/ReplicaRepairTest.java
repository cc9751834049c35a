package io.gq.broker.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.NodeId;
import io.gq.core.PeerId;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaRepairTest {

    /** The damaged replica is node 1, which votes itself. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, false", // the only one
        "2, 1, false", // cannot be dismissed without its own vote
        "3, 2, true",
        "3, 1, false", // another broker is down
        "5, 4, true",
        "5, 3, true",
        "5, 2, false",
    })
    void shouldGoOnlyWhereTheOthersAreAMajority(int voters, int othersAlive, boolean goes) {
        List<PeerId> all = IntStream.rangeClosed(1, voters)
                .mapToObj(n -> new PeerId(new NodeId(n), "000000000000000" + n))
                .toList();
        Set<Integer> alive =
                Set.copyOf(IntStream.rangeClosed(1, 1 + othersAlive).boxed().toList());

        assertThat(ReplicaRepair.othersAreMajority(all, new NodeId(1), node -> alive.contains(node.value())))
                .isEqualTo(goes);
    }
}
