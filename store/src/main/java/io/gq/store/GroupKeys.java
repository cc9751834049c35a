package io.gq.store;

import io.gq.core.GroupId;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Keys of many groups in one key space: the group's id (16 bytes, big-endian), then the group's own key. */
final class GroupKeys {

    static final int PREFIX_BYTES = 16;

    private GroupKeys() {}

    static byte[] stored(GroupId group, byte[] key) {
        return ByteBuffer.allocate(PREFIX_BYTES + key.length)
                .putLong(group.value().getMostSignificantBits())
                .putLong(group.value().getLeastSignificantBits())
                .put(key)
                .array();
    }

    static byte[] own(byte[] stored) {
        return Arrays.copyOfRange(stored, PREFIX_BYTES, stored.length);
    }

    /** The first key after all that start with the prefix; null where there is none, the prefix being all ones. */
    static byte @Nullable [] after(byte[] prefix) {
        int last = prefix.length - 1;
        while (last >= 0 && prefix[last] == (byte) 0xff) {
            last--;
        }
        if (last < 0) {
            return null;
        }
        byte[] after = Arrays.copyOf(prefix, last + 1);
        after[last]++;
        return after;
    }
}
