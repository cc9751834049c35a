package io.gq.cli;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.consumer.ConsumedRecord;
import io.gq.client.consumer.Consumer;
import io.gq.client.consumer.OffsetReset;
import io.gq.core.ErrorCode;
import io.gq.core.TopicPartition;
import io.gq.core.service.ReadLevel;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code gq consume}: records to stdout. */
@Command(
        name = "consume",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Writes the records of a topic to stdout, each value followed by LF; from now on, unless told otherwise.",
            "Ends with Ctrl-C, or where --exit-at-end or --max says so."
        })
final class ConsumeCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int POLL_RECORDS_MAX = 10_000;

    private final Terminal terminal;

    @Mixin
    CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "TOPIC", description = "What to read.")
    String topic = "";

    @Option(names = "--from-beginning", description = "Same as --offset start.")
    boolean fromBeginning;

    @Option(
            names = "--offset",
            paramLabel = "N|start|end",
            description = "Where to begin, in each partition read. Default: end.")
    @Nullable
    String offset;

    @Option(
            names = "--from-time",
            paramLabel = "TIME",
            description = "Begin with the first record of this time or later: 2026-01-31T12:00, milliseconds, or -10m.")
    @Nullable
    String fromTime;

    @Option(names = "--partition", paramLabel = "N", description = "Read this partition only. Default: all.")
    @Nullable
    Integer partition;

    @Option(names = "--max", paramLabel = "N", description = "End after so many records.")
    long max = Long.MAX_VALUE;

    @Option(
            names = "--exit-at-end",
            description = "End when everything is written that was in the topic when the command started.")
    boolean exitAtEnd;

    @Option(names = "--read", paramLabel = "LEVEL", description = "committed (default), linearizable or leader.")
    @Nullable
    ReadLevel read;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "%%p partition, %%o offset, %%k key, %%v value, %%t timestamp, %%h headers; \\n \\t \\r \\0 \\\\. "
                            + "Default: '%%v\\n'.")
    String format = RecordFormat.DEFAULT;

    ConsumeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        int starts = (fromBeginning ? 1 : 0) + (offset == null ? 0 : 1) + (fromTime == null ? 0 : 1);
        if (starts > 1) {
            throw new UsageException("--from-beginning, --offset, --from-time: " + starts + " given (expected: one)");
        }
        if (max < 0) {
            throw new UsageException("--max: " + max + " (expected: >= 0)");
        }
        At at = start();
        RecordWriter writer = common.json() ? new JsonRecords()::write : RecordFormat.parse(format)::write;
        AtomicBoolean stop = new AtomicBoolean();
        try (GqClient client = common.connect();
                Consumer consumer = client.consumer()
                        .level(read == null ? ReadLevel.COMMITTED : read)
                        .start(fromStart() ? OffsetReset.EARLIEST : OffsetReset.LATEST)
                        .pollRecordsMax(POLL_RECORDS_MAX)
                        .blockMax(common.timeout(TIMEOUT))
                        .build();
                Terminal.Stopping stopping = Terminal.onInterrupt(() -> {
                    stop.set(true);
                    consumer.wakeup();
                })) {
            consume(consumer, at, writer, stop);
        }
        return ExitCodes.OK;
    }

    /** Writes one record. */
    private interface RecordWriter {
        void write(ConsumedRecord record, DataOutput out) throws IOException;
    }

    private void consume(Consumer consumer, At at, RecordWriter writer, AtomicBoolean stop) throws IOException {
        List<TopicPartition> partitions = partitions(consumer);
        // what was acknowledged before this command is to be seen, whoever leads now
        Map<TopicPartition, Long> ends = exitAtEnd
                ? new HashMap<>(consumer.endOffsets(partitions, read == null ? ReadLevel.LINEARIZABLE : read))
                : new HashMap<>();
        if (partition == null && !exitAtEnd) {
            consumer.assignTopics(List.of(topic));
        } else {
            consumer.assign(partitions);
        }
        at.seek(consumer, partitions);
        DataOutput out = new DataOutput(terminal.out());
        long written = 0;
        while (!stop.get() && written < max && !(exitAtEnd && atEnd(consumer, ends))) {
            int wanted = (int) Math.min(max - written, POLL_RECORDS_MAX);
            for (ConsumedRecord record : consumer.poll(POLL, wanted)) {
                if (!exitAtEnd || record.offset() < ends.getOrDefault(record.topicPartition(), 0L)) {
                    writer.write(record, out);
                    written++;
                }
            }
            out.flush();
        }
        out.flush();
    }

    private List<TopicPartition> partitions(Consumer consumer) {
        List<TopicPartition> all = consumer.partitionsOf(topic);
        if (partition == null) {
            return all;
        }
        TopicPartition one = new TopicPartition(topic, partition);
        if (!all.contains(one)) {
            throw new GqException(
                    ErrorCode.UNKNOWN_PARTITION,
                    "partition of " + topic + ": " + partition + " (expected: 0 to " + (all.size() - 1) + ")");
        }
        return List.of(one);
    }

    /** Goes to where reading begins. */
    private interface At {
        void seek(Consumer consumer, List<TopicPartition> partitions);
    }

    private At start() {
        if (fromTime != null) {
            long timeMs = timeMs(fromTime);
            return (consumer, partitions) -> consumer.seekToTime(partitions, timeMs);
        }
        if (offset == null || offset.equals("start") || offset.equals("end")) {
            return (consumer, partitions) -> {}; // the consumer begins there by itself
        }
        long from = number(offset);
        return (consumer, partitions) -> partitions.forEach(tp -> consumer.seek(tp, from));
    }

    private static long timeMs(String text) {
        try {
            return Values.time(text, System.currentTimeMillis());
        } catch (TypeConversionException e) {
            throw new UsageException("--from-time: " + e.getMessage());
        }
    }

    private boolean fromStart() {
        return fromBeginning || "start".equals(offset);
    }

    private static long number(String text) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UsageException("--offset: '" + text + "' (expected: a number >= 0, start or end)");
    }

    /** True where every partition is read to where it ended at the start. Those that are done are not read on. */
    private static boolean atEnd(Consumer consumer, Map<TopicPartition, Long> ends) {
        boolean some = ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
        if (some && !ends.isEmpty()) {
            consumer.assign(ends.keySet());
        }
        return ends.isEmpty();
    }
}
