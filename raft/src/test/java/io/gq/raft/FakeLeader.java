package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.core.PeerId;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Words the requests of a leader that does not exist, so that a test says what happens when. */
final class FakeLeader {

    private static final ClientId CLIENT = ClientId.randomId();
    private static long callIds;

    private final GroupId group;
    private final PeerId self;
    private final PeerId target;
    final long term;

    FakeLeader(GroupId group, PeerId self, PeerId target, long term) {
        this.group = group;
        this.self = self;
        this.target = target;
        this.term = term;
    }

    /** Entries from the index on, each a word; those that begin with + have a payload. */
    AppendEntriesRequestProto append(TermIndex previous, long index, String... words) {
        List<LogEntryProto> entries = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            entries.add(entry(term, index + i, words[i]));
        }
        return append(previous, entries, -1);
    }

    AppendEntriesRequestProto append(TermIndex previous, List<LogEntryProto> entries, long commitIndex) {
        AppendEntriesRequestProto.Builder request = AppendEntriesRequestProto.newBuilder()
                .setServerRequest(rpc())
                .setLeaderTerm(term)
                .setLeaderCommit(commitIndex)
                .addAllEntries(entries);
        if (previous != null) {
            request.setPreviousLog(previous.toProto());
        }
        return request.build();
    }

    AppendEntriesRequestProto heartbeat(TermIndex previous, long commitIndex) {
        return append(previous, List.of(), commitIndex);
    }

    RequestVoteRequestProto requestVote(TermIndex last, boolean preVote) {
        return RequestVoteRequestProto.newBuilder()
                .setServerRequest(rpc())
                .setCandidateTerm(term)
                .setCandidateLastEntry(last.toProto())
                .setPreVote(preVote)
                .build();
    }

    InstallSnapshotRequestProto notice(TermIndex firstAvailable) {
        return notice(firstAvailable, 0, List.of(target, LoneReplica.SECOND, LoneReplica.THIRD));
    }

    /** @param index of the entry that made these the members */
    InstallSnapshotRequestProto notice(TermIndex firstAvailable, long index, List<PeerId> members) {
        return InstallSnapshotRequestProto.newBuilder()
                .setServerRequest(rpc())
                .setLeaderTerm(term)
                .setNotification(InstallSnapshotRequestProto.NotificationProto.newBuilder()
                        .setFirstAvailableTermIndex(firstAvailable.toProto()))
                .setLastRaftConfigurationLogEntryProto(configuration(index, members))
                .build();
    }

    /** The entry of term 1 that made these the members. */
    static LogEntryProto configuration(long index, List<PeerId> members) {
        RaftConfigurationProto.Builder configuration = RaftConfigurationProto.newBuilder();
        members.forEach(member -> configuration.addPeers(proto(member)));
        return LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(index)
                .setConfigurationEntry(configuration)
                .build();
    }

    private static RaftPeerProto proto(PeerId peer) {
        return RaftHost.raftPeer(RaftHostKind.PARTITIONS, peer).getRaftPeerProto();
    }

    static LogEntryProto entry(long term, long index, String word) {
        StateMachineLogEntryProto.Builder body = StateMachineLogEntryProto.newBuilder()
                .setType(StateMachineLogEntryProto.Type.WRITE)
                .setClientId(CLIENT.toByteString())
                .setCallId(index)
                .setLogData(ByteString.copyFromUtf8(word));
        if (word.startsWith("+")) {
            body.setStateMachineEntry(StateMachineEntryProto.newBuilder()
                    .setStateMachineData(ByteString.copyFromUtf8("payload of " + word)));
        }
        return LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setStateMachineLogEntry(body)
                .build();
    }

    private RaftRpcRequestProto rpc() {
        return RaftRpcRequestProto.newBuilder()
                .setRequestorId(RaftPeerId.valueOf(self.toString()).toByteString())
                .setReplyId(RaftPeerId.valueOf(target.toString()).toByteString())
                .setRaftGroupId(RaftGroupIdProto.newBuilder()
                        .setId(RaftGroupId.valueOf(group.value()).toByteString()))
                .setCallId(callIds++)
                .build();
    }
}
