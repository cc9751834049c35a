package io.gq.raft;

import io.gq.core.GroupId;
import java.util.Optional;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/** Ratis' gRPC transport with the gate before the server. Public because Ratis makes it by its class name. */
public final class GateRpcType implements RpcType {

    private static final String GROUPS = "gq.raft.groups";
    private static final String APPEND_TIMES = "gq.raft.append-times";

    /** @throws io.gq.core.BrokerException INVALID_CONFIG where the certificates are of no use */
    static Parameters parameters(GatedServer.Groups groups, AppendTimes appendTimes, Optional<RaftTls> tls) {
        Parameters parameters = new Parameters();
        parameters.put(GROUPS, groups, GatedServer.Groups.class);
        parameters.put(APPEND_TIMES, appendTimes, AppendTimes.class);
        tls.ifPresent(t -> GrpcConfigKeys.TLS.setConf(parameters, t.ratis()));
        return parameters;
    }

    @Override
    public String name() {
        return "GQ_GATE";
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new Factory(parameters);
    }

    private static final class Factory extends GrpcFactory {

        private final GatedServer.Groups groups;
        private final AppendTimes appendTimes;

        Factory(Parameters parameters) {
            super(parameters);
            this.groups = parameters.getNonNull(GROUPS, GatedServer.Groups.class);
            this.appendTimes = parameters.getNonNull(APPEND_TIMES, AppendTimes.class);
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division division, LeaderState state, FollowerInfo follower) {
            GroupId group = new GroupId(division.getMemberId().getGroupId().getUuid());
            ReadRounds rounds = groups.find(group)
                    .orElseThrow(() -> new IllegalStateException("group " + group + " is not hosted"))
                    .readRounds();
            return new GroupAppender(division, state, follower, rounds);
        }

        @Override
        public GrpcServices newRaftServerRpc(RaftServer server) {
            return super.newRaftServerRpc(GatedServer.of(server, groups, appendTimes, Directories::sync));
        }
    }
}
