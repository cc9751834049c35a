package io.gq.cli;

import io.gq.client.GqClient;
import io.gq.client.GqException;
import io.gq.client.producer.Producer;
import io.gq.client.producer.ProducerRecord;
import io.gq.core.ByteSize;
import io.gq.core.record.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gq produce}: a record a line. */
@Command(
        name = "produce",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Writes a record for each line of a file or of stdin: the bytes before LF, unchanged.",
            "Waits for every acknowledgement; exits with an error if any record failed."
        })
final class ProduceCommand implements Callable<Integer> {

    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(30);

    private final Terminal terminal;

    @Mixin
    CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "TOPIC", description = "Where to.")
    String topic = "";

    @Option(
            names = "--file",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "What to read; - is stdin (default).")
    String file = "-";

    @Option(
            names = "--key-separator",
            paramLabel = "TEXT",
            description = "What stands before its first occurrence is the key. A line without it is an error.")
    @Nullable
    String keySeparator;

    @Option(names = "--partition", paramLabel = "N", description = "Default: by the key's hash, without a key spread.")
    @Nullable
    Integer partition;

    @Option(
            names = "--compression",
            paramLabel = "CODEC",
            description =
                    "none, gzip, snappy, lz4 or zstd. Default: what the topic says (compression_type), else none.")
    @Nullable
    Compression compression;

    @Option(
            names = "--batch-bytes",
            paramLabel = "SIZE",
            defaultValue = "64KB",
            description = "Size of a batch before compression. Default: ${DEFAULT-VALUE}.")
    ByteSize batchBytes = new ByteSize(64 << 10);

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            defaultValue = "5ms",
            description = "How long a batch that has room waits. Default: ${DEFAULT-VALUE}.")
    Duration linger = Duration.ofMillis(5);

    @Option(names = "--rate", paramLabel = "N", description = "At most so many records a second. Default: no limit.")
    @Nullable
    Integer rate;

    ProduceCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (partition != null && partition < 0) {
            throw new UsageException("--partition: " + partition + " (expected: >= 0)");
        }
        if (rate != null && rate < 1) {
            throw new UsageException("--rate: " + rate + " (expected: >= 1)");
        }
        if (keySeparator != null && keySeparator.isEmpty()) {
            throw new UsageException("--key-separator: '' (expected: at least one character)");
        }
        Duration timeout = common.timeout(DELIVERY_TIMEOUT);
        long size = file.equals("-") ? -1 : Files.size(Path.of(file));
        try (InputStream in = file.equals("-") ? terminal.in() : Files.newInputStream(Path.of(file));
                GqClient client = common.connect();
                Producer producer = producer(client, timeout)) {
            return produce(new RecordLines(in), producer, size);
        }
    }

    private Producer producer(GqClient client, Duration timeout) {
        Producer.Builder producer = client.producer()
                .batchBytes(batchBytes.toIntExact())
                .linger(linger)
                .deliveryTimeout(timeout)
                .blockMax(timeout);
        return (compression == null ? producer : producer.compression(compression)).build();
    }

    private int produce(RecordLines lines, Producer producer, long size) throws IOException {
        ProduceTally tally = new ProduceTally();
        AtomicBoolean reported = new AtomicBoolean();
        UsageException wrongLine = null;
        try (ProgressMeter progress = ProgressMeter.start(terminal, "produce " + topic, size);
                Terminal.Stopping stopping = Terminal.onInterrupt(() -> {
                    tally.stop(); // this command may be waiting for input: what it has read is finished here
                    producer.flush();
                    report(tally, reported);
                })) {
            Pace pace = new Pace(rate == null ? 0 : rate);
            for (ByteBuffer line = lines.next(); line != null && !tally.stopped(); line = lines.next()) {
                ProducerRecord record;
                try {
                    record = record(line, tally.sent() + 1);
                } catch (UsageException e) {
                    wrongLine = e;
                    break;
                }
                pace.await();
                tally.sent(line.remaining());
                progress.advanceTo(tally.bytes() + tally.sent());
                var unused = producer.send(record).whenComplete(tally::answered);
            }
            producer.flush();
        }
        report(tally, reported);
        if (wrongLine != null) {
            throw wrongLine;
        }
        GqException failure = tally.firstFailure();
        if (failure != null) {
            throw failure;
        }
        return ExitCodes.OK;
    }

    private ProducerRecord record(ByteBuffer line, long number) {
        ByteBuffer key = null;
        ByteBuffer value = line;
        if (keySeparator != null) {
            byte[] separator = keySeparator.getBytes(StandardCharsets.UTF_8);
            int at = indexOf(line, separator);
            if (at < 0) {
                throw new UsageException("line " + number + ": no key separator '" + keySeparator + "' (expected: key"
                        + keySeparator + "value)");
            }
            key = line.slice(0, at);
            value = line.slice(at + separator.length, line.remaining() - at - separator.length);
        }
        ProducerRecord record = ProducerRecord.of(topic, key, value);
        OptionalInt to = partition == null ? OptionalInt.empty() : OptionalInt.of(partition);
        return to.isPresent() ? record.toPartition(to.getAsInt()) : record;
    }

    private static int indexOf(ByteBuffer line, byte[] separator) {
        for (int at = 0; at <= line.remaining() - separator.length; at++) {
            int same = 0;
            while (same < separator.length && line.get(at + same) == separator[same]) {
                same++;
            }
            if (same == separator.length) {
                return at;
            }
        }
        return -1;
    }

    private void report(ProduceTally tally, AtomicBoolean reported) {
        if (!reported.compareAndSet(false, true)) {
            return;
        }
        if (common.json()) {
            Reply.json(terminal, tally.json());
        } else {
            terminal.err().println(tally.text());
        }
    }
}
