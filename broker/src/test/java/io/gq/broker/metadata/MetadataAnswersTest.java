package io.gq.broker.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.gq.broker.peer.PeerTable;
import io.gq.controller.image.BrokerImage;
import io.gq.controller.image.ClusterImage;
import io.gq.controller.image.ListenerAddress;
import io.gq.core.NodeId;
import io.gq.core.PeerId;
import io.gq.proto.v1.Endpoint;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetadataAnswersTest {

    private static final NodeId NODE = new NodeId(2);
    private static final BrokerImage REGISTERED = new BrokerImage(
            new PeerId(NODE, "00000000000000aa"),
            1,
            "",
            Map.of("grpc", new ListenerAddress("inside", 9092), "outside", new ListenerAddress("world", 443)),
            true);

    private final PeerTable peers = new PeerTable();
    private final MetadataAnswers answers = new MetadataAnswers(new LeaderTable(), peers, node -> true, topic -> {
        throw new AssertionError("no topic is asked for");
    });

    @Test
    void shouldTellABrokerByItsListenerOfTheSameName() {
        assertThat(host("grpc")).isEqualTo("inside");
        assertThat(host("outside")).isEqualTo("world");

        peers.learn(NODE, Map.of("grpc", endpoint("inside-moved"), "outside", endpoint("world-moved")));

        assertThat(host("grpc")).isEqualTo("inside-moved");
        assertThat(host("outside")).isEqualTo("world-moved");
        assertThat(answers.clientEndpoint(ClusterImage.EMPTY, NODE, "outside")).contains(endpoint("world-moved"));
    }

    @Test
    void shouldTellNoAddressWhenABrokerHasNoListenerOfThatName() {
        assertThat(answers.broker(ClusterImage.EMPTY, REGISTERED, "other").getEndpoint())
                .isEqualTo(Endpoint.getDefaultInstance());
        assertThat(answers.clientEndpoint(ClusterImage.EMPTY, NODE, "other")).isEmpty();
    }

    private String host(String listener) {
        return answers.broker(ClusterImage.EMPTY, REGISTERED, listener)
                .getEndpoint()
                .getHost();
    }

    private static Endpoint endpoint(String host) {
        return Endpoint.newBuilder().setHost(host).setPort(1).build();
    }
}
