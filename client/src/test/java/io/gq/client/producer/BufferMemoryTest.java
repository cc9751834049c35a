package io.gq.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.gq.client.GqException;
import io.gq.core.ErrorCode;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BufferMemoryTest {

    private final BufferMemory memory = new BufferMemory(100);

    @Test
    void shouldRefuseForCertainWhenNoRoomComesInTime() {
        memory.take(60, 0);

        GqException refusal = catchThrowableOfType(GqException.class, () -> memory.take(41, 1_000_000));

        assertThat(refusal.code()).isEqualTo(ErrorCode.THROTTLED);
        assertThat(refusal.outcomeUnknown()).isFalse();
        assertThat(memory.used()).isEqualTo(60);
    }

    @Test
    void shouldLetWaiterInWhenRoomComes() throws InterruptedException {
        memory.take(60, 0);
        Thread waiter = new Thread(() -> memory.take(50, TimeUnit.SECONDS.toNanos(30)));
        waiter.start();
        await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);

        memory.give(60);

        waiter.join();
        assertThat(memory.used()).isEqualTo(50);
    }

    @Test
    void shouldLetInWhatIsLargerThanTheBufferWhenItIsEmpty() {
        memory.take(500, 0);

        assertThat(memory.used()).isEqualTo(500);
    }
}
