package io.gq.broker.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.gq.core.BrokerException;
import io.gq.core.ErrorCode;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a YAML file into flat keys, each with its line: nested maps are joined by dots, lists of scalars by commas, and the items
 * of {@code listeners} go by their {@code name}.
 */
final class YamlSettings {

    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final Map<String, RawValue> values = new LinkedHashMap<>();

    private YamlSettings(Path file) {
        this.file = file;
    }

    /** @throws BrokerException with INVALID_CONFIG where the file cannot be read or is not a map of settings */
    static Map<String, RawValue> read(Path file) {
        YamlSettings settings = new YamlSettings(file);
        try (Reader reader = Files.newBufferedReader(file);
                JsonParser parser = YAML.createParser(reader)) {
            JsonToken first = parser.nextToken();
            if (first != null && first != JsonToken.START_OBJECT) {
                throw settings.refuse(parser, "the document", "a map of settings");
            }
            if (first != null) {
                settings.map(parser, "");
            }
            return settings.values;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new BrokerException(
                    ErrorCode.INVALID_CONFIG,
                    "config: " + file + ":" + line + " (expected: valid YAML): " + e.getOriginalMessage(),
                    e);
        } catch (NoSuchFileException e) {
            throw new BrokerException(
                    ErrorCode.INVALID_CONFIG, "config: " + file + " (expected: a file that exists)", e);
        } catch (IOException e) {
            throw new BrokerException(
                    ErrorCode.INVALID_CONFIG, "config: " + file + " (expected: a readable file): " + e, e);
        }
    }

    private void map(JsonParser parser, String prefix) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = prefix + parser.currentName();
            String origin = origin(parser);
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_OBJECT) {
                map(parser, key + ".");
            } else if (token == JsonToken.START_ARRAY) {
                list(parser, key, origin);
            } else {
                put(parser, key, scalar(parser), origin);
            }
        }
    }

    private void list(JsonParser parser, String key, String origin) throws IOException {
        List<String> items = new ArrayList<>();
        boolean ofMaps = false;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token == JsonToken.START_OBJECT && key.equals("listeners")) {
                ofMaps = true;
                listener(parser);
            } else if (token.isScalarValue()) {
                items.add(scalar(parser));
            } else {
                throw refuse(parser, key, "a list of plain values");
            }
        }
        if (!ofMaps) {
            put(parser, key, String.join(",", items), origin);
        }
    }

    /** One item of {@code listeners}: its fields are known under its name only when the whole item was read. */
    private void listener(JsonParser parser) throws IOException {
        YamlSettings item = new YamlSettings(file);
        String at = origin(parser);
        item.map(parser, "");
        RawValue name = item.values.remove("name");
        if (name == null || name.text().isEmpty()) {
            throw new BrokerException(
                    ErrorCode.INVALID_CONFIG, "listeners: an item without name (expected: a name) [" + at + "]");
        }
        for (Map.Entry<String, RawValue> field : item.values.entrySet()) {
            String key = "listeners." + name.text() + "." + field.getKey();
            put(parser, key, field.getValue().text(), field.getValue().origin());
        }
    }

    private void put(JsonParser parser, String key, String value, String origin) {
        if (values.putIfAbsent(key, new RawValue(value, origin)) != null) {
            throw refuse(parser, key, "each setting once");
        }
    }

    private static String scalar(JsonParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NULL ? "" : parser.getText();
    }

    private String origin(JsonParser parser) {
        return file + ":" + parser.currentTokenLocation().getLineNr();
    }

    private BrokerException refuse(JsonParser parser, String what, String expected) {
        return new BrokerException(
                ErrorCode.INVALID_CONFIG, "config: " + what + " (expected: " + expected + ") [" + origin(parser) + "]");
    }
}
