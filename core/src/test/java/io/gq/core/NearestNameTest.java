package io.gq.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {

    private static final List<String> KNOWN = List.of("data_dir", "node_id", "storage.flusher_threads", "rack");

    @Test
    void shouldNameTheMeantOneWhenLettersAreSwappedOrMissing() {
        assertThat(NearestName.of("data_dri", KNOWN)).contains("data_dir");
        assertThat(NearestName.of("storage.flusher_thread", KNOWN)).contains("storage.flusher_threads");
        assertThat(NearestName.of("NODE_ID", KNOWN)).contains("node_id");
    }

    @Test
    void shouldNameNoneWhenNothingIsClose() {
        assertThat(NearestName.of("completely_different", KNOWN)).isEmpty();
        assertThat(NearestName.of("x", List.of())).isEmpty();
    }

    @Test
    void shouldTakeTheFirstInOrderWhenTwoAreEquallyClose() {
        assertThat(NearestName.of("aab", List.of("aac", "aaa"))).contains("aaa");
    }
}
