package io.gq.partition.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksum of payloads. */
final class Crc {

    private Crc() {}

    /** CRC32C from position to limit, which do not move. */
    static int of(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
