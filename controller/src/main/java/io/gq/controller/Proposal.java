package io.gq.controller;

import com.google.protobuf.CodedOutputStream;
import io.gq.controller.image.ClusterImage;
import io.gq.proto.v1.ControllerCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A command ready to be proposed.
 *
 * @param preview the image as it will be where no other command comes first; what a call that only validates answers from
 */
public record Proposal(ControllerCommand command, ClusterImage preview) {

    /** The entry for the controller's log. */
    public ByteBuffer bytes() {
        return encode(command);
    }

    /** The command's one encoding: map fields in key order. */
    static ByteBuffer encode(ControllerCommand command) {
        byte[] bytes = new byte[command.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            command.writeTo(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("an array does not fail", e);
        }
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }
}
