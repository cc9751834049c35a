package io.gq.raft;

import io.gq.core.GroupId;
import io.gq.raft.transport.IoThreads;
import io.gq.raft.transport.PeerTransport;
import java.io.IOException;
import java.util.Optional;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/** Our transport, with the gate before the server. Public because Ratis makes it by its class name. */
public final class PeerRpcType implements RpcType {

    private static final String WIRING = "gq.raft.wiring";

    record Wiring(GatedServer.Groups groups, AppendTimes appendTimes, PeerTransport.Setup setup) {}

    static Parameters parameters(Wiring wiring) {
        Parameters parameters = new Parameters();
        parameters.put(WIRING, wiring, Wiring.class);
        return parameters;
    }

    @Override
    public String name() {
        return "GQ";
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(this, parameters.getNonNull(WIRING, Wiring.class));
    }

    private record Factory(RpcType type, Wiring wiring) implements ServerFactory {

        @Override
        public RpcType getRpcType() {
            return type;
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division division, LeaderState state, FollowerInfo follower) {
            GroupId group = new GroupId(division.getMemberId().getGroupId().getUuid());
            ReadRounds rounds = wiring.groups()
                    .find(group)
                    .orElseThrow(() -> new IllegalStateException("group " + group + " is not hosted"))
                    .readRounds();
            PeerTransport transport = (PeerTransport) division.getRaftServer().getServerRpc();
            IoThreads threads = wiring.setup().threads();
            return new GroupAppender(division, state, follower, rounds, transport, threads.catchUp());
        }

        @Override
        public PeerTransport newRaftServerRpc(RaftServer server) {
            return new PeerTransport(
                    wiring.setup(),
                    type,
                    GatedServer.of(server, wiring.groups(), wiring.appendTimes(), Directories::sync),
                    this::mayWait,
                    new FollowerCommits(wiring.groups())::heard);
        }

        /**
         * Ratis ends an election or a leadership before it takes the append that ended it, and waits for that: for the votes of peers
         * that do not answer, up to an election timeout. A new term it writes to the disk.
         */
        private boolean mayWait(AppendEntriesRequestProto request) {
            RaftGroupId id = RaftGroupId.valueOf(
                    request.getServerRequest().getRaftGroupId().getId());
            Optional<HostedGroup> group = wiring.groups().find(new GroupId(id.getUuid()));
            try {
                if (group.isEmpty()) {
                    return false;
                }
                group.get().gate().checkOpen();
                DivisionInfo info = group.get().division().getInfo();
                return request.getLeaderTerm() > info.getCurrentTerm() || !info.isFollower();
            } catch (IOException e) {
                return false; // it will be refused
            }
        }
    }
}
