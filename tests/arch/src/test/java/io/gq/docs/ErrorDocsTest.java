package io.gq.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.core.ErrorCode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** {@code docs/errors.md} says of each code what the code says of itself. */
class ErrorDocsTest {

    @Test
    void shouldListEveryErrorOnceAndNoOther() {
        List<String> expected = Arrays.stream(ErrorCode.values())
                .map(code -> "| " + code.label() + " | `" + code.name() + "` | "
                        + code.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " | " + code.hint() + " |")
                .toList();

        List<String> rows = Words.read("docs/errors.md")
                .lines()
                .filter(line -> line.startsWith("| GQ-"))
                .toList();

        assertThat(rows).containsExactlyElementsOf(expected);
    }

    @Test
    void shouldNumberEachErrorOnce() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::number)).doesNotHaveDuplicates();
    }
}
