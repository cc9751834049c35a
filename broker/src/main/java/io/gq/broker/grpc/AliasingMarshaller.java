package io.gq.broker.grpc;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Parses a message out of one byte array that holds its whole frame, so that its byte fields are views of that array and not copies.
 * The array belongs to the message alone.
 */
final class AliasingMarshaller<T extends MessageLite> implements MethodDescriptor.Marshaller<T> {

    private final MethodDescriptor.Marshaller<T> ordinary;
    private final Parser<T> parser;

    /** @param ordinary does the writing */
    AliasingMarshaller(MethodDescriptor.Marshaller<T> ordinary, Parser<T> parser) {
        this.ordinary = ordinary;
        this.parser = parser;
    }

    @Override
    public InputStream stream(T value) {
        return ordinary.stream(value);
    }

    @Override
    public T parse(InputStream stream) {
        try {
            byte[] frame;
            if (stream instanceof KnownLength) {
                frame = new byte[stream.available()];
                int read = stream.readNBytes(frame, 0, frame.length);
                if (read != frame.length || stream.read() != -1) {
                    throw new IOException("frame: " + read + " bytes (expected: " + frame.length + ")");
                }
            } else {
                frame = stream.readAllBytes();
            }
            CodedInputStream input = UnsafeByteOperations.unsafeWrap(frame).newCodedInput();
            input.enableAliasing(true);
            T message = parser.parseFrom(input, ExtensionRegistryLite.getEmptyRegistry());
            input.checkLastTagWas(0);
            return message;
        } catch (InvalidProtocolBufferException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("message: not readable")
                    .withCause(e)
                    .asRuntimeException();
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("message: not received whole")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    /** The bytes of a field of a message parsed here, writable and not copied. */
    static ByteBuffer writable(ByteString field) {
        ArrayCatcher catcher = new ArrayCatcher();
        try {
            UnsafeByteOperations.unsafeWriteTo(field, catcher);
        } catch (IOException e) {
            throw new IllegalStateException("catching an array failed", e);
        }
        return catcher.caught == null ? ByteBuffer.wrap(field.toByteArray()) : catcher.caught;
    }

    /** Takes the array behind a byte string; what comes in several pieces is not caught. */
    private static final class ArrayCatcher extends ByteOutput {
        private @Nullable ByteBuffer caught;
        private int pieces;

        @Override
        public void write(byte value) {
            several();
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            catchArray(value, offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            catchArray(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) {
            several();
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            several();
        }

        private void catchArray(byte[] value, int offset, int length) {
            caught = pieces++ == 0 ? ByteBuffer.wrap(value, offset, length).slice() : null;
        }

        private void several() {
            pieces = 2;
            caught = null;
        }
    }
}
