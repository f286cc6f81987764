package lethe.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * The header of a safetensors file, fully checked: what it says of the tensors, and that the file is as long as that.
 *
 * <p>Layout: 8 bytes little-endian header length n, n bytes of JSON, then the data, which the tensors fill without
 * overlap and without holes. Reading it loads no native code.
 *
 * @param tensors in the header's order
 * @param metadata free text of the writer; usually {@code {"format": "pt"}}
 * @param fileBytes length of the whole file
 */
record SafeTensorsHeader(Path file, Map<String, TensorInfo> tensors, Map<String, String> metadata, long fileBytes) {
  static final int LENGTH_BYTES = 8;
  static final String METADATA_KEY = "__metadata__";

  /** Longest header in bytes that the reference implementation reads. */
  static final long LONGEST = 100_000_000;

  /** Reads and checks the header of {@code file}; every defect is a {@link UserException} that names it. */
  static SafeTensorsHeader read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long fileBytes = channel.size();
      FileKind.requireSafeTensors(file, channel);
      if (fileBytes < LENGTH_BYTES) {
        throw Messages.damaged(file, "%d bytes are too few for a safetensors file".formatted(fileBytes));
      }
      ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      readFully(file, channel, length);
      long headerBytes = length.getLong(0);
      if (headerBytes < 0 || headerBytes > LONGEST) {
        throw Messages.damaged(
            file,
            "its header claims %s bytes, more than the format's limit of %d"
                .formatted(Long.toUnsignedString(headerBytes), LONGEST));
      }
      if (headerBytes > fileBytes - LENGTH_BYTES) {
        throw Messages.damaged(
            file, "its header claims %d bytes, but the file has only %d".formatted(headerBytes, fileBytes));
      }
      ByteBuffer json = ByteBuffer.allocate((int) headerBytes);
      readFully(file, channel, json);
      return new SafeTensorsHeaderParser(file, LENGTH_BYTES + headerBytes, fileBytes).parse(json.array());
    } catch (IOException e) {
      throw Messages.cannotRead(file, e);
    }
  }

  private static void readFully(Path file, FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw Messages.damaged(file, "it ends inside its header");
      }
    }
  }
}
