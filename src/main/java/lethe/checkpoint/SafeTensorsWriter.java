package lethe.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes safetensors files as the reference implementation does: tensors ordered by element size (largest first, which
 * aligns them all) and then by name, the header padded with spaces to a multiple of 8 bytes.
 */
public final class SafeTensorsWriter {
  /** What PyTorch libraries write, and what transformers insists on. */
  public static final Map<String, String> PYTORCH_METADATA = Map.of("format", "pt");

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int HEADER_ALIGNMENT = 8;
  private static final long CHUNK_BYTES = 1 << 26;

  private SafeTensorsWriter() {}

  /**
   * Writes {@code tensors} to a new file, which appears only once it is complete and durable. Tensors are streamed from
   * where they lie; one that is not contiguous, or not on the CPU, is copied while it is written.
   *
   * @throws UserException if the file exists or cannot be written (full disk, missing permission); nothing is left then
   */
  public static void write(Path file, Map<String, Tensor> tensors) {
    write(file, tensors, PYTORCH_METADATA);
  }

  /** As {@link #write(Path, Map)}, with other metadata in the header. */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    AtomicOutput.file(file, channel -> write(channel, tensors, metadata));
  }

  static void write(WritableByteChannel channel, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, Declared> declared = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> declared.put(name, new Declared(DType.of(tensor.scalar_type()), tensor.shape())));
    write(channel, declared, tensors::get, metadata);
  }

  /** What the header says of a tensor whose data is yet to come. */
  record Declared(DType dtype, long[] shape) {
    long bytes() {
      return dtype.bytes() * Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }
  }

  /**
   * As {@link #write(Path, Map)}, with one tensor in memory at a time.
   *
   * @param data gives a tensor as it was declared; asked once for each name, in the order of the file
   */
  static void write(
      WritableByteChannel channel,
      Map<String, Declared> tensors,
      Function<String, Tensor> data,
      Map<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, Declared>> ordered =
        tensors.entrySet().stream()
            .sorted(
                Comparator.comparing((Map.Entry<String, Declared> entry) -> -entry.getValue().dtype().bytes())
                    .thenComparing(Map.Entry::getKey))
            .toList();
    writeFully(channel, header(ordered, metadata));
    for (Map.Entry<String, Declared> entry : ordered) {
      try (Scope scope = new Scope()) {
        writeData(channel, data.apply(entry.getKey()), entry.getValue());
      }
    }
  }

  private static ByteBuffer header(List<Map.Entry<String, Declared>> tensors, Map<String, String> metadata)
      throws IOException {
    ObjectNode header = MAPPER.createObjectNode();
    if (!metadata.isEmpty()) {
      header.set(SafeTensorsHeader.METADATA_KEY, MAPPER.valueToTree(metadata));
    }
    long position = 0;
    for (Map.Entry<String, Declared> entry : tensors) {
      Declared tensor = entry.getValue();
      long end = position + tensor.bytes();
      header
          .putObject(entry.getKey())
          .put("dtype", tensor.dtype().name())
          .putPOJO("shape", tensor.shape())
          .putPOJO("data_offsets", new long[] {position, end});
      position = end;
    }
    byte[] json = MAPPER.writeValueAsBytes(header);
    int padded = (json.length + HEADER_ALIGNMENT - 1) / HEADER_ALIGNMENT * HEADER_ALIGNMENT;
    ByteBuffer buffer =
        ByteBuffer.allocate(SafeTensorsHeader.LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(padded).put(json);
    while (buffer.hasRemaining()) {
      buffer.put((byte) ' ');
    }
    return buffer.flip();
  }

  private static void writeData(WritableByteChannel channel, Tensor tensor, Declared declared) throws IOException {
    if (DType.of(tensor.scalar_type()) != declared.dtype() || !Arrays.equals(tensor.shape(), declared.shape())) {
      throw new IllegalArgumentException(
          tensor.scalar_type() + " " + Arrays.toString(tensor.shape()) + " is not what was declared: "
              + declared.dtype() + " " + Arrays.toString(declared.shape()));
    }
    Pointer data = tensor.detach().cpu().contiguous().data_ptr();
    long bytes = declared.bytes();
    // A Java buffer ends at 2 GB, a tensor does not.
    for (long position = 0; position < bytes; position += CHUNK_BYTES) {
      BytePointer chunk = new BytePointer(data).position(position).limit(Math.min(bytes, position + CHUNK_BYTES));
      writeFully(channel, chunk.asByteBuffer());
    }
  }

  private static void writeFully(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
