package io.gq.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class UntoldCommitTest {

    @Test
    void shouldBeDueUntilTheFollowerKnowsOrWasTold() {
        UntoldCommit untold = new UntoldCommit(0);

        assertThat(untold.isDue(5, 5)).as("it knows").isFalse();
        assertThat(untold.waits()).isFalse();
        assertThat(untold.isDue(6, 5)).isTrue();
        untold.told(6);
        assertThat(untold.isDue(6, 5)).as("it was told").isFalse();
        assertThat(untold.isDue(7, 5)).isTrue();
    }

    @Test
    void shouldWaitForSomethingThatCarriesTheCommit() {
        UntoldCommit untold = new UntoldCommit(60_000);

        assertThat(untold.isDue(6, 5)).isFalse();
        assertThat(untold.waits()).isTrue();
        untold.carried();
        assertThat(untold.waits()).isFalse();
        assertThat(untold.isDue(6, 5)).as("it has not said so").isFalse();
        assertThat(untold.waits()).isTrue();
    }

    @Test
    void shouldBeDueAgainWhenWhatItWasToldMayBeLost() {
        UntoldCommit untold = new UntoldCommit(0);
        untold.told(6);

        untold.lost();

        assertThat(untold.isDue(6, 5)).isTrue();
    }
}
