package io.gq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnTimerTest {

    private final MockTicker ticker = Ticker.newMockTicker();
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(ticker).build();
    private final List<Long> turns = new ArrayList<>();
    private final TurnTimer timer = timer(turns);

    private TurnTimer timer(List<Long> log) {
        return new TurnTimer(channel.eventLoop(), () -> log.add(nowMs()));
    }

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(ticker.nanoTime());
    }

    private void passMs(int ms) {
        for (int i = 0; i < ms; i++) {
            ticker.advance(1, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void shouldTakeATurnInTime() {
        timer.in(70);

        passMs(200);

        assertEquals(List.of(70L), turns);
    }

    @Test
    void shouldKeepTheEarlierOfTwo() {
        timer.in(30);
        timer.in(70);

        passMs(200);

        assertEquals(List.of(30L), turns);
    }

    @Test
    void shouldReplaceTheLaterOfTwo() {
        timer.in(70);
        timer.in(30);

        passMs(200);

        assertEquals(List.of(30L), turns);
    }

    @Test
    void shouldStandAgainAfterATurn() {
        timer.in(30);
        passMs(40);

        timer.in(30);
        passMs(200);

        assertEquals(List.of(30L, 70L), turns);
    }

    @Test
    void shouldStandAgainWhereTheTurnIsDueAndHasNotBegun() {
        timer.in(30);
        ticker.advance(40, TimeUnit.MILLISECONDS);

        timer.in(30);
        passMs(200);

        assertEquals(List.of(70L), turns);
    }

    @Test
    void shouldBringTogetherWhatIsNotUrgent() {
        List<Long> others = new ArrayList<>();
        timer.togetherIn(101);
        passMs(20);
        timer(others).togetherIn(110);

        passMs(200);

        assertEquals(List.of(150L), turns);
        assertEquals(List.of(150L), others);
    }

    @Test
    void shouldNotPutOffForLongerThanTheRaster() {
        for (int ms = 50; ms < 200; ms++) {
            List<Long> taken = new ArrayList<>();
            long start = nowMs();
            timer(taken).togetherIn(ms);

            passMs(300);

            long waited = taken.get(0) - start;
            assertTrue(waited >= ms && waited <= ms + TurnTimer.RASTER_MS, "asked " + ms + " waited " + waited);
        }
    }

    @Test
    void shouldNotPutOffWhatIsDueSoon() {
        timer.togetherIn(20);

        passMs(100);

        assertEquals(List.of(20L), turns);
    }
}
