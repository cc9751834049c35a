package io.gq.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SyncGateTest {

    @Test
    void shouldLetNoMoreThanSoManyThroughAtATime() throws Exception {
        SyncGate gate = new SyncGate(2);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                all.add(threads.submit(() -> {
                    gate.pass(() -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        two.countDown();
                        await(two); // the first one stays until there is a second one
                        inside.decrementAndGet();
                    });
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(10, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(most).hasValue(2);
    }

    @Test
    void shouldLetTheNextThroughWhenASyncFailed() throws Exception {
        SyncGate gate = new SyncGate(1);
        assertThatThrownBy(() -> gate.pass(() -> {
                    throw new IOException("no space left");
                }))
                .isInstanceOf(IOException.class);
        AtomicInteger ran = new AtomicInteger();
        gate.pass(ran::incrementAndGet);
        assertThat(ran).hasValue(1);
    }

    @Test
    void shouldSayWhichNumberIsWrong() {
        assertThatThrownBy(() -> new SyncGate(0)).hasMessage("syncsMax: 0 (expected: >= 1)");
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new IOException("nobody came");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
