package io.gq.partition.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.io.NioStorageFiles;
import io.gq.core.record.RecordBatch;
import io.gq.core.record.RecordBatches;
import io.gq.testing.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogScrubTest {

    private final List<Long> seen = new ArrayList<>();

    @Test
    void shouldSeeEveryCommittedEntryOnceWhateverTheStep() throws Exception {
        LogHarness harness = new LogHarness();
        harness.appendMany(100);
        harness.write(5).join(); // not committed
        for (int bytesMax : new int[] {1, 200, 1 << 20}) {
            seen.clear();

            assertThat(run(harness, bytesMax)).isEmpty();

            assertThat(seen)
                    .containsExactlyElementsOf(LongStream.range(0, 100).boxed().toList());
        }
    }

    @Test
    void shouldSeeWhatWasCommittedMeanwhile() throws Exception {
        LogHarness harness = new LogHarness();
        harness.appendMany(3);
        try (LogScrub scrub = new LogScrub(harness.log, this::see)) {
            assertThat(scrub.step(1 << 20).atEnd()).isTrue();
            harness.appendMany(50);
            assertThat(scrub.step(1 << 20)).matches(LogScrub.Step::atEnd).matches(s -> s.damage() == null);
        }
        assertThat(seen).hasSize(53);
    }

    @Test
    void shouldPassOverWhatWasCutAndWrittenAgain() throws Exception {
        LogHarness harness = new LogHarness();
        harness.appendMany(3);
        long index = harness.nextIndex;
        harness.write(50, 51).join();
        try (LogScrub scrub = new LogScrub(harness.log, this::see)) {
            scrub.step(1 << 20);
            harness.truncate(index);
            harness.append(60);
            harness.append(61);

            assertThat(scrub.step(1 << 20).damage()).isNull();
        }
        assertThat(seen).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void shouldFindAnyFlippedBitOfCommittedEntries() throws Exception {
        Seeds.check(200, seeds -> {
            LogHarness harness = new LogHarness();
            harness.appendMany(seeds.between(1, 60));
            int segment = seeds.between(0, harness.log.infos().size() - 1);
            SegmentInfo info = harness.log.infos().get(segment);
            Path log = harness.logFiles().get(segment);
            boolean index = seeds.between(0, 3) == 0;
            if (index) {
                int rows = harness.log.segments().get(segment).rows();
                Path file = Path.of(log.toString().replace(SegmentName.LOG_SUFFIX, SegmentName.INDEX_SUFFIX));
                int at = EntryIndex.HEADER_BYTES + seeds.between(0, rows * EntryRow.BYTES - 1);
                harness.faulty.flipBit(file, at, seeds.between(0, 7));
            } else {
                harness.faulty.flipBit(log, seeds.between(0, (int) info.bytes() - 1), seeds.between(0, 7));
            }

            List<LogScrub.Damage> found = run(harness, seeds.between(1, 1000));

            assertThat(found).hasSize(1);
            assertThat(found.get(0).rebuild()).isTrue();
            assertThat(found.get(0).what())
                    .contains(log.getFileName().toString().replace(".log", ""));
        });
    }

    @Test
    void shouldReadAgainBeforeItBelievesInDamage() throws Exception {
        LogHarness harness = new LogHarness();
        harness.appendMany(20);
        harness.faulty.flipBitOnRead(path -> path.toString().endsWith(SegmentName.LOG_SUFFIX), 1);

        assertThat(run(harness, 100)).isEmpty();
    }

    @Test
    void shouldNotMistakeTrimmedSegmentsForDamage() throws Exception {
        LogHarness harness = new LogHarness();
        harness.appendMany(60);
        Path first = harness.logFiles().get(0);
        try (LogScrub scrub = new LogScrub(harness.log, this::see)) {
            scrub.step(1);
            harness.faulty.flipBit(first, harness.log.infos().get(0).bytes() - 5, 3);
            harness.log.trim(harness.log.infos().get(1).baseOffset());
            LogScrub.Step rest = scrub.step(1 << 20);
            assertThat(rest.damage()).isNull();
            assertThat(rest.atEnd()).isTrue();
        }
    }

    @Test
    void shouldSayNothingOfALogThatIsClosed() throws Exception {
        LogHarness harness = new LogHarness();
        harness.appendMany(10);
        harness.faulty.flipBit(harness.logFiles().get(0), 20, 1);
        try (LogScrub scrub = new LogScrub(harness.log, this::see)) {
            harness.log.close();
            assertThatThrownBy(() -> scrub.step(1000)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void shouldReadRealFilesPastTheCache(@TempDir Path directory) throws Exception {
        LogHarness harness = new LogHarness(new NioStorageFiles(), directory);
        harness.appendMany(300);

        assertThat(run(harness, 777)).isEmpty();

        assertThat(seen).hasSize(300);
        harness.log.close();
    }

    private List<LogScrub.Damage> run(LogHarness harness, int bytesMax) throws IOException {
        List<LogScrub.Damage> found = new ArrayList<>();
        try (LogScrub scrub = new LogScrub(harness.log, this::see)) {
            LogScrub.Step step;
            do {
                step = scrub.step(bytesMax);
                if (step.damage() != null) {
                    found.add(step.damage());
                }
            } while (!step.atEnd());
        }
        return found;
    }

    private void see(long baseOffset, long endOffset, java.nio.ByteBuffer payload) {
        for (RecordBatch batch : RecordBatches.in(payload)) {
            assertThat(batch.baseOffset()).isGreaterThanOrEqualTo(baseOffset);
            batch.records().forEach(r -> seen.add(r.offset()));
        }
        assertThat(seen.get(seen.size() - 1)).isEqualTo(endOffset - 1);
    }
}
