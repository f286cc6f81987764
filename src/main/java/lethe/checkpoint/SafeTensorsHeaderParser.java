package lethe.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.error.UserException;
import lethe.tensor.DType;

/** Parses and checks the JSON of one safetensors header, entry by entry: a broken one fails before it grows. */
final class SafeTensorsHeaderParser {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();

  private final Path file;
  private final long dataBegin;
  private final long fileBytes;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private Map<String, String> metadata;

  /**
   * @param dataBegin first byte after the header, counted from the start of the file
   * @param fileBytes length of the whole file
   */
  SafeTensorsHeaderParser(Path file, long dataBegin, long fileBytes) {
    this.file = file;
    this.dataBegin = dataBegin;
    this.fileBytes = fileBytes;
  }

  SafeTensorsHeader parse(byte[] json) throws IOException {
    // A decoder of its own: Jackson would guess the encoding, and replace what is not UTF-8.
    var text = new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
    try (JsonParser parser = MAPPER.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Messages.damaged(file, "its header is not a JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        add(name, parser.readValueAsTree());
      }
      if (parser.nextToken() != null) {
        throw Messages.damaged(file, "its header has text after the JSON object");
      }
    } catch (JsonProcessingException e) {
      throw Messages.damaged(file, "its header is not JSON (%s)".formatted(Messages.firstLine(e.getOriginalMessage())));
    } catch (CharacterCodingException e) {
      throw Messages.damaged(file, "its header is not UTF-8 text");
    }
    requireGapless();
    return new SafeTensorsHeader(
        file, Collections.unmodifiableMap(tensors), metadata == null ? Map.of() : metadata, fileBytes);
  }

  private void add(String name, JsonNode entry) {
    if (name.equals(SafeTensorsHeader.METADATA_KEY)) {
      addMetadata(entry);
    } else if (tensors.putIfAbsent(name, tensor(name, entry)) != null) {
      throw Messages.damaged(file, name, "its header names it twice");
    }
  }

  private void addMetadata(JsonNode entry) {
    if (metadata != null) {
      throw Messages.damaged(file, "its header has two " + SafeTensorsHeader.METADATA_KEY);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    entry.properties().forEach(field -> texts.put(field.getKey(), field.getValue().textValue()));
    if (!entry.isObject() || texts.containsValue(null)) {
      throw Messages.damaged(file, SafeTensorsHeader.METADATA_KEY + " in its header is not an object of strings");
    }
    metadata = Collections.unmodifiableMap(texts);
  }

  private TensorInfo tensor(String name, JsonNode entry) {
    if (!entry.isObject() || entry.size() != 3 || !entry.path("dtype").isTextual()) {
      throw Messages.damaged(file, name, "its header entry is not {dtype, shape, data_offsets}");
    }
    DType dtype = dtype(name, entry.get("dtype").textValue());
    long[] shape = naturals(name, "shape", entry.path("shape"));
    long[] offsets = naturals(name, "data_offsets", entry.path("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw Messages.damaged(file, name, "data_offsets %s are not a range".formatted(Messages.shape(offsets)));
    }
    long dataBytes = fileBytes - dataBegin;
    if (offsets[1] > dataBytes) {
      throw Messages.damaged(
          file,
          name,
          "data_offsets %s end past the file's %d bytes of data".formatted(Messages.shape(offsets), dataBytes));
    }
    if (!fills(shape, dtype, offsets[1] - offsets[0])) {
      throw Messages.damaged(
          file,
          name,
          "shape %s of %s does not fill the %d bytes of its data_offsets %s"
              .formatted(Messages.shape(shape), dtype, offsets[1] - offsets[0], Messages.shape(offsets)));
    }
    return new TensorInfo(dtype, shape, dataBegin + offsets[0], dataBegin + offsets[1]);
  }

  private DType dtype(String name, String text) {
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw UserException.failed(
        "%s: tensor %s: dtype %s is not supported; convert the file to F32, F16 or BF16"
            .formatted(file, Messages.quoted(name), Messages.quoted(text)));
  }

  private long[] naturals(String name, String field, JsonNode array) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode number : array) {
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
        throw Messages.damaged(
            file, name, "%s has %s where a size belongs".formatted(field, Messages.quoted(number.toString())));
      }
      numbers.add(number.longValue());
    }
    if (!array.isArray()) {
      throw Messages.damaged(file, name, field + " is not a list of numbers");
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private static boolean fills(long[] shape, DType dtype, long bytes) {
    long product = dtype.bytes();
    try {
      for (long size : shape) {
        product = Math.multiplyExact(product, size);
      }
    } catch (ArithmeticException overflow) {
      return false;
    }
    return product == bytes;
  }

  /** The tensors must fill the data section in some order, without overlap, hole or rest. */
  private void requireGapless() {
    List<Map.Entry<String, TensorInfo>> byPosition = new ArrayList<>(tensors.entrySet());
    byPosition.sort(
        Comparator.comparingLong((Map.Entry<String, TensorInfo> entry) -> entry.getValue().begin())
            .thenComparingLong(entry -> entry.getValue().end()));
    long position = dataBegin;
    for (Map.Entry<String, TensorInfo> entry : byPosition) {
      long begin = entry.getValue().begin();
      if (begin < position) {
        throw Messages.damaged(file, entry.getKey(), "its data overlaps that of another tensor");
      }
      if (begin > position) {
        throw Messages.damaged(
            file, entry.getKey(), "%d unused bytes lie before its data".formatted(begin - position));
      }
      position = entry.getValue().end();
    }
    if (position != fileBytes) {
      throw Messages.damaged(
          file, "it is %d bytes longer than its header accounts for".formatted(fileBytes - position));
    }
  }
}
