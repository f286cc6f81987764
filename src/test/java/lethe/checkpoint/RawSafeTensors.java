package lethe.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import lethe.error.UserException;
import org.junit.jupiter.api.function.Executable;

/** Safetensors files byte by byte, to make what no writer makes, and the one-line errors they must lead to. */
final class RawSafeTensors {
  private RawSafeTensors() {}

  static Path write(Path file, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return write(file, json.length, json, new byte[dataBytes]);
  }

  static Path write(Path file, long headerLength, byte[] header, byte[] data) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(headerLength)
            .put(header)
            .put(data);
    return Files.write(file, bytes.array());
  }

  /** Runs what must fail for the user's reason, and returns the message: always one line. */
  static String failure(Executable executable) {
    UserException failure = assertThrows(UserException.class, executable);
    assertEquals(1, failure.getMessage().lines().count(), failure.getMessage());
    assertEquals(UserException.FAILED, failure.exitCode());
    return failure.getMessage();
  }
}
