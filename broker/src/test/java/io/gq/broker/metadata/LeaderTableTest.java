package io.gq.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.GroupId;
import io.gq.core.NodeId;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LeaderTableTest {

    private static final GroupId GROUP = new GroupId(new UUID(0, 1));
    private static final GroupId OTHER = new GroupId(new UUID(0, 2));
    private static final NodeId N1 = new NodeId(1);
    private static final NodeId N2 = new NodeId(2);

    private final LeaderTable table = new LeaderTable();

    @Test
    void shouldBelieveTheClaimOfTheHighestTerm() {
        table.claims(N1, Map.of(GROUP, 3L));
        table.claims(N2, Map.of(GROUP, 4L));
        table.claims(N1, Map.of(GROUP, 3L));

        assertThat(table.leaderOf(GROUP)).contains(new LeaderTable.Leader(N2, 4));
    }

    @Test
    void shouldForgetAClaimThatIsNoLongerMade() {
        table.claims(N1, Map.of(GROUP, 3L, OTHER, 1L));
        table.claims(N1, Map.of(OTHER, 1L));

        assertThat(table.leaderOf(GROUP)).isEmpty();
        assertThat(table.ledBy(N1, group -> true)).isEqualTo(1);
    }

    @Test
    void shouldKeepTheNewLeaderWhenTheOldOneFallsSilent() {
        table.claims(N1, Map.of(GROUP, 3L));
        table.claims(N2, Map.of(GROUP, 4L));
        table.silent(N1);

        assertThat(table.leaderOf(GROUP)).contains(new LeaderTable.Leader(N2, 4));
    }

    @Test
    void shouldTellListenersOfChangesOnly() {
        AtomicInteger told = new AtomicInteger();
        table.onChange(told::incrementAndGet);

        table.claims(N1, Map.of(GROUP, 3L));
        table.claims(N1, Map.of(GROUP, 3L));
        table.claims(N1, Map.of(GROUP, 5L));
        table.silent(N1);
        table.silent(N1);

        assertThat(told).hasValue(3);
    }
}
