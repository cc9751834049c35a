package io.gq.raft;

import io.gq.core.replication.Outcome;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** What applying an entry answered, carried as it is: the proposer is in the same process. */
record OutcomeMessage(Outcome outcome) implements Message {

    @Override
    public ByteString getContent() {
        return ByteString.EMPTY;
    }
}
