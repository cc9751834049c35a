package io.gq.cli;

import io.gq.client.consumer.ConsumedRecord;
import io.gq.core.record.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A record as one line of JSON. Bytes that are UTF-8 are text; others stand in base64 under a name that says so. */
final class JsonRecords {

    void write(ConsumedRecord record, DataOutput out) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("partition", record.partition());
        json.put("offset", record.offset());
        json.put("timestamp_ms", record.timestampMs());
        put(json, "key", record.key());
        put(json, "value", record.value());
        if (!record.headers().isEmpty()) {
            List<Map<String, Object>> headers = new ArrayList<>();
            for (RecordHeader header : record.headers()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", header.key());
                put(one, "value", header.value());
                headers.add(one);
            }
            json.put("headers", headers);
        }
        out.text(JsonText.of(json) + "\n");
    }

    private static void put(Map<String, Object> json, String name, @Nullable ByteBuffer bytes) {
        if (bytes == null) {
            return;
        }
        try {
            json.put(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(bytes.duplicate())
                            .toString());
        } catch (CharacterCodingException e) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            json.put(name + "_base64", Base64.getEncoder().encodeToString(copy));
        }
    }
}
