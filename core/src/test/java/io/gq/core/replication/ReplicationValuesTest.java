package io.gq.core.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gq.core.ErrorCode;
import io.gq.core.TopicId;
import io.gq.core.service.Principal;
import io.gq.core.service.TopicSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReplicationValuesTest {

    @Test
    void shouldOrderPositionsByTermBeforeIndex() {
        assertThat(LogPosition.NONE).isLessThan(new LogPosition(0, 0));
        assertThat(new LogPosition(1, 9)).isLessThan(new LogPosition(2, 3));
        assertThat(new LogPosition(2, 3)).isLessThan(new LogPosition(2, 4)).hasToString("(t:2, i:3)");
        assertThat(new Entry(2, 3, ByteBuffer.allocate(0)).position()).isEqualTo(new LogPosition(2, 3));
    }

    @Test
    void shouldTellAcceptedFromRejected() {
        assertThat(Outcome.DONE.accepted()).isTrue();
        Outcome done = Outcome.done(ByteBuffer.wrap(new byte[] {1}));
        assertThat(done.accepted()).isTrue();
        assertThat(done.reply().isReadOnly()).isTrue();
        Outcome rejected = Outcome.rejected(ErrorCode.PRODUCER_FENCED, "epoch: 1 (expected: 2)");
        assertThat(rejected.accepted()).isFalse();
        assertThat(rejected.error()).isEqualTo(ErrorCode.PRODUCER_FENCED);
        assertThat(rejected.reply().remaining()).isZero();
    }

    @Test
    void shouldKeepItsOwnListOfCommands() {
        List<Entry> commands = new ArrayList<>();
        LogTail tail = new LogTail(0, 1, commands);
        commands.add(new Entry(1, 0, ByteBuffer.allocate(0)));

        assertThat(tail.commands()).isEmpty();
        assertThat(LogTail.EMPTY.endIndex()).isZero();
        assertThatThrownBy(() -> tail.commands().add(commands.get(0)))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(new DamagedReplicaException("segment 3 is gone")).hasMessage("segment 3 is gone");
    }

    @Test
    void shouldNameTopicsAndPrincipalsForPeople() {
        TopicId id = new TopicId(new UUID(1, 2));
        assertThat(new TopicSpec(Optional.of(id), "logs")).hasToString("logs");
        assertThat(new TopicSpec(Optional.of(id), "")).hasToString(id.toString());
        assertThat(new TopicSpec(Optional.empty(), "")).hasToString("?");
        assertThat(Principal.ANONYMOUS).hasToString("user:anonymous");
    }
}
