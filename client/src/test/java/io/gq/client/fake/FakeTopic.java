package io.gq.client.fake;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** One topic. Guarded by the cluster. */
final class FakeTopic {

    final String name;
    final UUID id;
    final List<FakePartition> partitions = new ArrayList<>();
    final Map<String, String> config = new TreeMap<>();

    FakeTopic(String name, UUID id) {
        this.name = name;
        this.id = id;
    }

    ByteString idBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip();
        return ByteString.copyFrom(bytes);
    }

    int messageBytesMax() {
        return Integer.parseInt(config.getOrDefault("max_message_size", "1048576"));
    }
}
