package io.gq.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files, folders, scripts and settings that the words name exist. */
class LinksTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final Pattern SCRIPT = Pattern.compile("(?:scripts|bin)/[a-z-]+(?:\\.sh)?");
    private static final Pattern FOLDER = Pattern.compile("^\\| `([a-z]+)/`", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("`([a-z._]+)`");
    private static final Pattern SETTING = Pattern.compile("`((?!gq_)[a-z]+(?:[._][a-z]+)*_[a-z_]+)`");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "ARCHITECTURE.md",
                "CONTRIBUTING.md",
                "CHANGELOG.md",
                "docs/errors.md",
                "docs/benchmarks.md"
            })
    void shouldLinkToFilesThatExist(String page) {
        String words = Words.read(page);

        assertThat(found(LINK, words))
                .allSatisfy(target -> assertThat(Words.ROOT.resolve(page).resolveSibling(target))
                        .exists());
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "CONTRIBUTING.md"})
    void shouldNameScriptsThatCanBeRun(String page) {
        assertThat(found(SCRIPT, Words.read(page)))
                .allSatisfy(script -> assertThat(Words.ROOT.resolve(script)).isExecutable());
    }

    @Test
    void shouldNameFoldersThatExist() {
        List<String> folders = found(FOLDER, Words.read("ARCHITECTURE.md"));

        assertThat(folders).contains("core", "raft", "broker");
        assertThat(folders)
                .allSatisfy(folder -> assertThat(Words.ROOT.resolve(folder)).isDirectory());
    }

    @Test
    void shouldNameEveryModuleInArchitecture() throws Exception {
        List<String> folders = found(FOLDER, Words.read("ARCHITECTURE.md"));

        try (Stream<Path> all = Files.list(Words.ROOT)) {
            assertThat(all.filter(dir -> Files.exists(dir.resolve("pom.xml")))
                            .map(dir -> dir.getFileName().toString()))
                    .allSatisfy(module -> assertThat(folders).contains(module));
        }
    }

    @Test
    void shouldNameSettingsThatExist() {
        String settings = Words.read("configs/broker.yaml");

        assertThat(found(SETTING, Words.read("README.md")))
                .isNotEmpty()
                .allSatisfy(setting -> assertThat(settings)
                        .containsPattern("(?m)^\\s*" + setting.substring(setting.lastIndexOf('.') + 1) + ":"));
    }

    @Test
    void shouldNameSettingsThatExistInPlaceOfOthers() {
        String settings = Words.read("configs/broker.yaml");
        String taken = Words.read("docs/design/0004-settings-of-the-seeds.md").split("## Not taken over", -1)[0];
        List<String> names = taken.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|", -1)[2])
                .flatMap(cell -> found(NAME, cell).stream())
                .toList();

        assertThat(names)
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(settings)
                        .containsPattern("\\b" + name.substring(name.lastIndexOf('.') + 1) + "\\b"));
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(match.groupCount()))
                .distinct()
                .toList();
    }
}
