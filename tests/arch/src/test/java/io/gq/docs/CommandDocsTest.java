package io.gq.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command line in README and CONTRIBUTING uses commands and flags that the help of the command, or the usage of the script,
 * knows; every Maven line names modules and tests that exist.
 */
class CommandDocsTest {

    private static final Map<String, String> MAINS = Map.of(
            "bin/gq", "io.gq.cli.Gq", "bin/gq-admin", "io.gq.cli.GqAdmin", "bin/gq bench", "io.gq.bench.load.GqBench");

    private static final Pattern MODULES = Pattern.compile("-pl ([^ ]+)");
    private static final Pattern TESTS = Pattern.compile("-Dtest=([^ ]+)");

    /** Command (with its subcommand) and the flags the pages use with it. */
    static Stream<Arguments> commandsOfPages() {
        Map<List<String>, Set<String>> flags =
                new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        for (String line : linesOfPages()) {
            List<String> words =
                    Arrays.asList(line.replaceFirst("\\s+#.*", "").trim().split("\\s+"));
            if (words.size() > 1 && words.get(1).equals("bench")) {
                words = Stream.concat(Stream.of("bin/gq bench"), words.stream().skip(2))
                        .toList();
            }
            boolean command = MAINS.containsKey(words.get(0));
            if (command || words.get(0).startsWith("scripts/")) {
                flags.computeIfAbsent(words.subList(0, command ? 2 : 1), key -> new TreeSet<>())
                        .addAll(words.stream()
                                .filter(word -> word.startsWith("-"))
                                .toList());
            }
        }
        return flags.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
    }

    @ParameterizedTest
    @MethodSource("commandsOfPages")
    void shouldKnowWhatPagesUse(List<String> command, Set<String> flags) throws Exception {
        String help = command.get(0).startsWith("scripts/")
                ? Words.read(command.get(0))
                : help(MAINS.get(command.get(0)), command.get(1));

        assertThat(flags).allSatisfy(flag -> assertThat(help).containsPattern("(^|[\\s\\[,])" + flag + "\\b"));
    }

    @Test
    void shouldNameModulesThatExist() {
        List<String> modules = namedInMaven(MODULES);

        assertThat(modules)
                .isNotEmpty()
                .allSatisfy(module ->
                        assertThat(Words.ROOT.resolve(module + "/pom.xml")).exists());
    }

    @Test
    void shouldNameTestsThatExist() throws IOException {
        List<String> tests = namedInMaven(TESTS);
        Set<String> sources;
        try (Stream<Path> files = Files.walk(Words.ROOT)) {
            sources = files.filter(file -> file.toString().contains("src/test/java"))
                    .map(file -> file.getFileName().toString())
                    .collect(Collectors.toSet());
        }

        assertThat(tests).isNotEmpty().allSatisfy(test -> assertThat(sources).contains(test + ".java"));
    }

    /** What follows the flag in the Maven lines, apart where there are commas. */
    private static List<String> namedInMaven(Pattern flag) {
        return linesOfPages().stream()
                .filter(line -> line.startsWith("mvn "))
                .flatMap(line -> flag.matcher(line).results())
                .flatMap(match -> Arrays.stream(match.group(1).split(",", -1)))
                .distinct()
                .toList();
    }

    private static List<String> linesOfPages() {
        List<String> lines = new ArrayList<>(codeLines(Words.read("README.md")));
        lines.addAll(codeLines(Words.read("CONTRIBUTING.md")));
        return lines;
    }

    private static List<String> codeLines(String markdown) {
        List<String> lines = new ArrayList<>();
        boolean code = false;
        for (String line : markdown.split("\n", -1)) {
            if (line.startsWith("```")) {
                code = !code;
            } else if (code) {
                lines.add(line);
            }
        }
        return lines;
    }

    private static String help(String main, String subcommand) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        main,
                        subcommand,
                        "--help")
                .redirectErrorStream(true)
                .start();
        String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("%s %s --help: %s", main, subcommand, help)
                .isZero();
        return help;
    }
}
