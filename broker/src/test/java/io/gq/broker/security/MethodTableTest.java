package io.gq.broker.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.proto.v1.AdminGrpc;
import io.gq.proto.v1.BrokerGrpc;
import io.gq.proto.v1.PeerGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MethodTableTest {

    @Test
    void shouldHaveOneEntryForEveryMethodServedAndNoOther() {
        Set<String> served = Stream.of(
                        BrokerGrpc.getServiceDescriptor(),
                        AdminGrpc.getServiceDescriptor(),
                        PeerGrpc.getServiceDescriptor(),
                        HealthGrpc.getServiceDescriptor(),
                        ServerReflectionGrpc.getServiceDescriptor())
                .map(ServiceDescriptor::getMethods)
                .flatMap(methods -> methods.stream().map(MethodDescriptor::getFullMethodName))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(new TreeSet<>(MethodTable.methods())).isEqualTo(served);
    }

    @Test
    void shouldAskForThePeersPermissionForEveryMethodOfTheServicePeer() {
        assertThat(PeerGrpc.getServiceDescriptor().getMethods())
                .allMatch(m ->
                        MethodTable.rule(m.getFullMethodName()).orElseThrow().operation() == Operation.PEER);
        assertThat(AdminGrpc.getServiceDescriptor().getMethods())
                .noneMatch(m ->
                        MethodTable.rule(m.getFullMethodName()).orElseThrow().operation() == Operation.PEER);
    }

    @Test
    void shouldKnowNoRuleForAnUnknownMethod() {
        assertThat(MethodTable.rule("gq.v1.Broker/Whatever")).isEmpty();
    }
}
