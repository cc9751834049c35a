package io.gq.broker.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BootRecordTest {

    private static final Optional<String> MONDAY = Optional.of("11111111-2222-4333-8444-555555555555");
    private static final Optional<String> TUESDAY = Optional.of("99999999-2222-4333-8444-555555555555");

    @TempDir
    Path directory;

    @Test
    void shouldTrustWhatIsThereWhenOnlyTheProcessWasKilled() {
        record(MONDAY).running();

        assertThat(record(MONDAY).mayHaveForgotten()).isFalse();
    }

    @Test
    void shouldDistrustWhenTheMachineWentDownUnderARunningNode() {
        record(MONDAY).running();

        assertThat(record(TUESDAY).mayHaveForgotten()).isTrue();
        assertThat(record(TUESDAY).mayHaveForgotten()).as("asked again").isTrue();
    }

    @Test
    void shouldTrustWhatIsThereWhenTheNodeHadStoppedBeforeTheMachine() {
        record(MONDAY).running();
        record(MONDAY).stopped();

        assertThat(record(TUESDAY).mayHaveForgotten()).isFalse();
        assertThat(record(Optional.empty()).mayHaveForgotten()).isFalse();
    }

    @Test
    void shouldDistrustAnyUncleanEndWhenTheMachineTellsNoId() {
        record(Optional.empty()).running();

        assertThat(record(Optional.empty()).mayHaveForgotten()).isTrue();
        assertThat(record(MONDAY).mayHaveForgotten()).as("id known again").isTrue();
        record(MONDAY).running();
        assertThat(record(Optional.empty()).mayHaveForgotten()).as("id lost").isTrue();
    }

    @Test
    void shouldDistrustWhenTheRecordIsMissingOrNotWhole() throws IOException {
        assertThat(record(MONDAY).mayHaveForgotten()).as("missing").isTrue();
        record(MONDAY).running();
        Path file = directory.resolve(BootRecord.NAME);
        String whole = Files.readString(file);

        Files.writeString(file, whole.replace("state=running", "state=stopped"));
        assertThat(record(MONDAY).mayHaveForgotten()).as("checksum").isTrue();
        Files.writeString(file, "");
        assertThat(record(MONDAY).mayHaveForgotten()).as("empty").isTrue();
        Files.writeString(file, whole);
        assertThat(record(MONDAY).mayHaveForgotten()).as("whole").isFalse();
    }

    @Test
    void shouldReadTheIdOfTheMachine() throws IOException {
        Path source = directory.resolve("boot_id");
        assertThat(BootRecord.bootId(source)).isEmpty();
        Files.writeString(source, " \n");
        assertThat(BootRecord.bootId(source)).isEmpty();
        Files.writeString(source, MONDAY.get() + "\n");
        assertThat(BootRecord.bootId(source)).isEqualTo(MONDAY);
    }

    private BootRecord record(Optional<String> bootId) {
        return new BootRecord(directory, bootId);
    }
}
