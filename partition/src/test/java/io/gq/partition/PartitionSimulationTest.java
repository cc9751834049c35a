package io.gq.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.testing.Seeds;
import io.gq.testing.SimulatedGroup;
import org.junit.jupiter.api.Test;

class PartitionSimulationTest {

    private static final int SEEDS = Integer.getInteger("gq.simulation.seeds", 500);
    private static final int STEPS = Integer.getInteger("gq.simulation.steps", 1500);

    @Test
    void shouldKeepEveryAcknowledgedBatchOnceAndAllReplicasEqual() {
        long[] sums = new long[2];
        Seeds.check(SEEDS, seeds -> {
            PartitionWorkload workload = new PartitionWorkload();
            new SimulatedGroup(seeds.seed(), 3, workload).run(STEPS);
            sums[0] += workload.acknowledged();
            sums[1] += workload.duplicates();
        });
        assertThat(sums[0]).as("acknowledged").isGreaterThan(10L * SEEDS);
        assertThat(sums[1]).as("duplicates").isGreaterThan(SEEDS);
    }
}
