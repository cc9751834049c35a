package io.gq.it.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Records of about 200 bytes that carry a name: {@code process-counter|padding}. */
final class Payload {

    private static final String PADDING = "|" + "0123456789".repeat(18);

    private Payload() {}

    static String name(int process, long counter) {
        return process + "-" + counter;
    }

    static byte[] bytes(String name) {
        return (name + PADDING).getBytes(StandardCharsets.UTF_8);
    }

    /** The name; the whole text where it is none of ours, so that nothing strange goes unseen. */
    static String name(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.endsWith(PADDING) ? text.substring(0, text.length() - PADDING.length()) : text;
    }
}
