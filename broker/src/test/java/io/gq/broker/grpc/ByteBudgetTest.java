package io.gq.broker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {

    @Test
    void shouldWakeWaitersInOrderWhenThereIsRoom() {
        ByteBudget budget = new ByteBudget(100);
        List<String> woken = new ArrayList<>();
        budget.charge(150);
        budget.whenRoom(() -> woken.add("a"));
        budget.whenRoom(() -> woken.add("b"));
        budget.release(50);
        assertThat(woken).isEmpty();
        budget.release(1);
        assertThat(woken).containsExactly("a", "b");
        budget.whenRoom(() -> woken.add("c"));
        assertThat(woken).containsExactly("a", "b", "c");
    }

    @Test
    void shouldKeepTheNextWaiterWaitingWhenTheOneBeforeTookTheRoom() {
        ByteBudget budget = new ByteBudget(100);
        List<String> woken = new ArrayList<>();
        budget.charge(100);
        budget.whenRoom(() -> budget.charge(60));
        budget.whenRoom(() -> woken.add("second"));
        budget.release(10);
        assertThat(woken).isEmpty();
        budget.release(60);
        assertThat(woken).containsExactly("second");
    }

    @Test
    void shouldChargeAnythingWhenEmptyAndOnlyWhatFitsOtherwise() {
        ByteBudget budget = new ByteBudget(100);
        assertThat(budget.tryCharge(500)).isTrue();
        assertThat(budget.tryCharge(1)).isFalse();
        budget.release(500);
        assertThat(budget.tryCharge(60)).isTrue();
        assertThat(budget.tryCharge(40)).isTrue();
        assertThat(budget.tryCharge(1)).isFalse();
    }

    @Test
    void shouldLoseNoWaiterWhenManyThreadsChargeAndRelease() throws InterruptedException {
        ByteBudget budget = new ByteBudget(10);
        int tasks = 20_000;
        CountDownLatch ran = new CountDownLatch(tasks);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int i = 0; i < tasks; i++) {
            threads.execute(() -> {
                budget.charge(7);
                budget.whenRoom(ran::countDown);
                budget.release(7);
            });
        }
        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(budget.used()).isZero();
    }

    @Test
    void shouldForgetAPartitionWhenItsBytesAreGivenBack() {
        PartitionBudgets budgets = new PartitionBudgets(100);
        PartitionBudgets.Key a = new PartitionBudgets.Key("a", 0);
        PartitionBudgets.Key b = new PartitionBudgets.Key("a", 1);
        assertThat(budgets.charge(a, 60)).isSameAs(budgets.charge(a, 60));
        budgets.charge(b, 1);
        assertThat(budgets.size()).isEqualTo(2);
        budgets.release(a, 60);
        budgets.release(a, 60);
        budgets.release(b, 1);
        assertThat(budgets.size()).isZero();
        assertThatThrownBy(() -> budgets.release(a, 1)).isInstanceOf(Invariant.Violation.class);
    }
}
