package io.gq.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gq.client.fake.FakeCluster;
import io.gq.client.fake.Trouble;
import io.gq.core.TopicPartition;
import io.gq.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GqTest {

    private static final TopicPartition LOGS_0 = new TopicPartition("logs", 0);

    private final FakeCluster cluster = FakeCluster.start(3);
    private final CliHarness cli = new CliHarness(cluster);

    @BeforeEach
    void createTopic() {
        cluster.createTopic("logs", 3);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void shouldGiveBackTheBytesWhenFileIsProducedAndConsumed(String codec, @TempDir Path dir) throws IOException {
        byte[] bytes = lines(Seeds.of(7), 2000);
        Path file = Files.write(dir.resolve("some.log"), bytes);

        assertThat(cli.gq("produce", "logs", "--file", file.toString(), "--compression", codec))
                .as(cli.errText())
                .isZero();
        assertThat(cli.errText()).contains("produced 2000 records").contains("0 failed");
        assertThat(cli.out()).isEmpty();

        assertThat(cli.gq("consume", "logs", "--from-beginning", "--exit-at-end"))
                .isZero();
        assertThat(sortedLines(cli.out())).isEqualTo(sortedLines(bytes));
        assertThat(cli.errText()).isEmpty();
    }

    @Test
    void shouldKeepCarriageReturnsEmptyLinesAndLastLineWithoutFeedWhenProducedFromStdin() {
        byte[] in = "a\r\n\n\u00e9\0b\nlast".getBytes(UTF_8);

        assertThat(cli.gq(in, "produce", "logs", "--partition", "1")).isZero();
        assertThat(cli.gq("consume", "logs", "--from-beginning", "--exit-at-end", "--partition", "1"))
                .isZero();

        assertThat(cli.outText()).isEqualTo("a\r\n\n\u00e9\0b\nlast\n");
    }

    @Test
    void shouldProduceNothingWhenInputIsEmpty() {
        assertThat(cli.gq(new byte[0], "produce", "logs")).isZero();

        assertThat(cli.errText()).contains("produced 0 records");
        assertThat(cli.gq("consume", "logs", "--from-beginning", "--exit-at-end"))
                .isZero();
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void shouldWritePartitionOffsetKeyAndValueWhenFormatAsksForThem() {
        cli.gq("k1:v1\nk2:v:2\n".getBytes(UTF_8), "produce", "logs", "--key-separator", ":", "--partition", "2");

        cli.gq("consume", "logs", "--from-beginning", "--exit-at-end", "--format", "%p %o %k=%v %h100%%\\t\\\\\\n");

        assertThat(cli.outText()).isEqualTo("2 0 k1=v1 100%\t\\\n2 1 k2=v:2 100%\t\\\n");
    }

    @Test
    void shouldRefuseLineAndKeepThoseBeforeWhenKeySeparatorIsMissing() {
        int exit = cli.gq(
                "k1:v1\nnothing\nk3:v3\n".getBytes(UTF_8),
                "produce",
                "logs",
                "--key-separator",
                ":",
                "--partition",
                "0");

        assertThat(exit).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.errText()).contains("line 2: no key separator ':'").contains("produced 1 records");
        assertThat(cluster.log(LOGS_0)).hasSize(1);
    }

    @Test
    void shouldBeginWhereTold() {
        cli.gq("a\nb\nc\nd\n".getBytes(UTF_8), "produce", "logs", "--partition", "0", "--batch-bytes", "128");

        cli.gq("consume", "logs", "--partition", "0", "--offset", "2", "--exit-at-end");
        assertThat(cli.outText()).isEqualTo("c\nd\n");
        cli.gq("consume", "logs", "--partition", "0", "--offset", "start", "--max", "2");
        assertThat(cli.outText()).isEqualTo("a\nb\n");
        cli.gq("consume", "logs", "--partition", "0", "--offset", "end", "--exit-at-end");
        assertThat(cli.outText()).isEmpty();
        cli.gq("consume", "logs", "--exit-at-end");
        assertThat(cli.outText()).isEmpty();
        cli.gq("consume", "logs", "--partition", "0", "--from-time", "-1h", "--max", "1");
        assertThat(cli.outText()).isEqualTo("a\n");
        cli.gq("consume", "logs", "--partition", "0", "--from-time", "2999-01-01", "--exit-at-end");
        assertThat(cli.outText()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"committed", "linearizable", "leader"})
    void shouldReadAtTheLevelAskedFor(String level) {
        cli.gq("a\n".getBytes(UTF_8), "produce", "logs");

        assertThat(cli.gq("consume", "logs", "--from-beginning", "--exit-at-end", "--read", level))
                .isZero();
        assertThat(cli.outText()).isEqualTo("a\n");
    }

    @Test
    void shouldEndAtEndOverGapsInOffsets() {
        cli.gq("a\n".getBytes(UTF_8), "produce", "logs", "--partition", "0");
        cluster.skipOffsets(LOGS_0, 5);
        cli.gq("b\n".getBytes(UTF_8), "produce", "logs", "--partition", "0");
        cluster.skipOffsets(LOGS_0, 5);

        assertThat(cli.gq("consume", "logs", "--from-beginning", "--exit-at-end", "--format", "%o%v "))
                .isZero();
        assertThat(cli.outText()).isEqualTo("0a 6b ");
    }

    @Test
    void shouldWriteJsonLinesWhenAskedTo() {
        cli.gq(
                new byte[] {'k', ':', '"', '\n', 'k', ':', (byte) 0xff},
                "produce",
                "logs",
                "--partition",
                "0",
                "--key-separator",
                ":",
                "-o",
                "json");
        assertThat(cli.outText()).startsWith("{\"records\":2,\"failed\":0,\"outcome_unknown\":0,\"bytes\":6,");

        cli.gq("consume", "logs", "--from-beginning", "--exit-at-end", "-o", "json");

        List<String> lines = cli.outText().lines().toList();
        assertThat(lines.get(0))
                .startsWith("{\"partition\":0,\"offset\":0,")
                .endsWith("\"key\":\"k\",\"value\":\"\\\"\"}");
        assertThat(lines.get(1)).endsWith("\"key\":\"k\",\"value_base64\":\"/w==\"}");
    }

    @Test
    void shouldSayNotFoundWhenTopicOrPartitionIsNot() {
        assertThat(cli.gq("a\n".getBytes(UTF_8), "produce", "nope")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(cli.errText()).contains("gq: GQ-1100 UNKNOWN_TOPIC: ").contains("hint: see gq-admin list-topics");

        assertThat(cli.gq("consume", "nope", "--from-beginning")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(cli.gq("consume", "logs", "--partition", "3")).isEqualTo(ExitCodes.NOT_FOUND);
        assertThat(cli.errText()).contains("GQ-1102").contains("expected: 0 to 2");
        assertThat(cli.gq("a\n".getBytes(UTF_8), "produce", "logs", "--partition", "3"))
                .isEqualTo(ExitCodes.NOT_FOUND);
    }

    @Test
    void shouldFailAndGoOnWhenOneRecordIsTooLarge() {
        byte[] in = ("a\n" + "x".repeat((1 << 20) + 1) + "\nb\n").getBytes(UTF_8);

        assertThat(cli.gq(in, "produce", "logs", "--partition", "0")).isEqualTo(ExitCodes.ERROR);

        assertThat(cli.errText())
                .contains("produced 2 records")
                .contains("1 failed")
                .contains("GQ-1206");
        assertThat(cluster.log(LOGS_0)).hasSize(2);
    }

    @Test
    void shouldFailWithJsonErrorWhenNothingIsAcknowledgedInTime() {
        cluster.troubles((broker, tp) -> Trouble.NOT_LEADER);

        int exit = cli.gq("a\n".getBytes(UTF_8), "produce", "logs", "--timeout", "300ms", "-o", "json");

        assertThat(exit).isEqualTo(ExitCodes.TIMEOUT);
        assertThat(cli.errText())
                .startsWith("{\"error\":\"NOT_LEADER\",\"code\":\"GQ-1000\",")
                .contains("\"retriable\":true");
    }

    @Test
    void shouldWaitNoLongerThanToldWhenNoBrokerAnswers() {
        cluster.brokers().forEach(broker -> broker.kill());
        long start = System.nanoTime();

        int exit = cli.gq("consume", "logs", "--from-beginning", "--exit-at-end", "--timeout", "300ms");

        assertThat(exit).isEqualTo(ExitCodes.TIMEOUT);
        assertThat(System.nanoTime() - start).isLessThan(8_000_000_000L);
        assertThat(cli.errText()).contains("no metadata within 300 ms").contains("BROKER_UNAVAILABLE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "produce",
                "produce logs --partition -1",
                "produce logs --compression brotli",
                "produce logs --rate 0",
                "produce logs --linger 5",
                "consume logs --offset some",
                "consume logs --from-beginning --offset 3",
                "consume logs --from-time yesterday",
                "consume logs --format %x",
                "consume logs --read dirty",
                "consume logs --no-such-option",
                "nonsense"
            })
    void shouldSayHowItIsUsedWhenCommandLineIsWrong(String line) {
        assertThat(cli.gq(line.split(" "))).as(line).isEqualTo(ExitCodes.USAGE);
        assertThat(cli.errText()).startsWith("gq: ");
        assertThat(cli.out()).isEmpty();
    }

    @Test
    void shouldSayWhatFileIsMissing() {
        assertThat(cli.gq("produce", "logs", "--file", "/no/such/file")).isEqualTo(ExitCodes.ERROR);
        assertThat(cli.errText()).contains("/no/such/file").contains("expected: one that exists");
    }

    @Test
    void shouldEndQuietlyWhenNobodyReadsItsOutput() {
        cli.gq("a\n".repeat(100).getBytes(UTF_8), "produce", "logs");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(new byte[0]), closed, new PrintStream(err, true, UTF_8), false, false);

        int exit = Gq.run(terminal, "consume", "logs", "--from-beginning", "--bootstrap", cluster.bootstrap());

        assertThat(exit).isZero();
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void shouldKeepToTheRate() {
        long start = System.nanoTime();

        cli.gq("a\n".repeat(30).getBytes(UTF_8), "produce", "logs", "--rate", "100");

        assertThat(System.nanoTime() - start).isGreaterThan(280_000_000L);
    }

    @Test
    void shouldNameEveryOptionInHelp() {
        assertThat(cli.gq("consume", "--help")).isZero();
        assertThat(cli.outText())
                .contains("--from-beginning", "--exit-at-end", "--partition", "--offset", "--from-time", "--max")
                .contains("--read", "--format", "--bootstrap", "--timeout", "Exit codes: 0 ok");
    }

    private static byte[] lines(Seeds seeds, int count) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            byte[] line = new byte[seeds.random().nextInt(120)];
            seeds.random().nextBytes(line);
            for (int b = 0; b < line.length; b++) {
                if (line[b] == '\n') {
                    line[b] = 'n';
                }
            }
            all.writeBytes(line);
            all.write('\n');
        }
        return all.toByteArray();
    }

    /** Lines as ISO-8859-1 text, one character a byte, so that they can be compared. */
    private static List<String> sortedLines(byte[] bytes) {
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        return Arrays.stream(text.split("\n", -1)).sorted().toList();
    }
}
