package io.gq.cli;

import io.gq.client.consumer.ConsumedRecord;
import io.gq.core.record.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How {@code gq consume} writes a record: text with {@code %p} partition, {@code %o} offset, {@code %k} key, {@code %v} value, {@code %t}
 * timestamp in milliseconds, {@code %h} headers as {@code name=value,...}, {@code %%}, and the escapes \n \t \r \0 \\.
 */
final class RecordFormat {

    static final String DEFAULT = "%v\\n";

    private final List<Part> parts;

    private interface Part {
        void write(ConsumedRecord record, DataOutput out) throws IOException;
    }

    private RecordFormat(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    static RecordFormat parse(String format) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' && c != '\\') {
                literal.append(c);
                continue;
            }
            if (++i == format.length()) {
                throw unknown(format, Character.toString(c));
            }
            char key = format.charAt(i);
            if (c == '\\') {
                literal.append(escape(format, key));
            } else if (key == '%') {
                literal.append('%');
            } else {
                flush(literal, parts);
                parts.add(field(format, key));
            }
        }
        flush(literal, parts);
        return new RecordFormat(parts);
    }

    void write(ConsumedRecord record, DataOutput out) throws IOException {
        for (Part part : parts) {
            part.write(record, out);
        }
    }

    private static void flush(StringBuilder literal, List<Part> parts) {
        if (literal.length() > 0) {
            byte[] bytes = literal.toString().getBytes(StandardCharsets.UTF_8);
            parts.add((record, out) -> out.bytes(bytes));
            literal.setLength(0);
        }
    }

    private static char escape(String format, char key) {
        return switch (key) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '0' -> '\0';
            case '\\' -> '\\';
            default -> throw unknown(format, "\\" + key);
        };
    }

    private static Part field(String format, char key) {
        return switch (key) {
            case 'p' -> (record, out) -> out.text(Integer.toString(record.partition()));
            case 'o' -> (record, out) -> out.text(Long.toString(record.offset()));
            case 't' -> (record, out) -> out.text(Long.toString(record.timestampMs()));
            case 'k' -> (record, out) -> bytes(record.key(), out);
            case 'v' -> (record, out) -> bytes(record.value(), out);
            case 'h' -> RecordFormat::headers;
            default -> throw unknown(format, "%" + key);
        };
    }

    private static void headers(ConsumedRecord record, DataOutput out) throws IOException {
        String separator = "";
        for (RecordHeader header : record.headers()) {
            out.text(separator + header.key() + "=");
            bytes(header.value(), out);
            separator = ",";
        }
    }

    private static void bytes(@Nullable ByteBuffer bytes, DataOutput out) throws IOException {
        if (bytes != null) {
            out.bytes(bytes);
        }
    }

    private static UsageException unknown(String format, String what) {
        return new UsageException(
                "format: '" + format + "': " + what + " (expected: %p %o %k %v %t %h %% and \\n \\t \\r \\0 \\\\)");
    }
}
