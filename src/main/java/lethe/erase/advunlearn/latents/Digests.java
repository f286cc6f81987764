package lethe.erase.advunlearn.latents;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import lethe.model.scheduler.NoiseSchedule;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;

/** Hashes that tell networks and settings apart, and checksums that find damaged data; all in lower-case hex. */
final class Digests {
  private static final long CHUNK_BYTES = 1 << 26;

  private Digests() {}

  static String sha256(String text) {
    return hex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Of named tensors: their names, types, shapes and bytes, in the map's order. */
  static String sha256(Map<String, Tensor> tensors) {
    MessageDigest digest = sha256();
    tensors.forEach(
        (name, tensor) -> {
          DType dtype = DType.of(tensor.scalar_type());
          String header = name + " " + dtype + " " + Arrays.toString(tensor.shape()) + "\n";
          digest.update(header.getBytes(StandardCharsets.UTF_8));
          forEachChunk(tensor, digest::update);
        });
    return hex(digest.digest());
  }

  /** Of what a sampler takes from a schedule. */
  static String sha256(NoiseSchedule schedule) {
    MessageDigest digest = sha256();
    digest.update(schedule.predictionType().name().getBytes(StandardCharsets.UTF_8));
    ByteBuffer values = ByteBuffer.allocate(schedule.trainTimesteps() * Float.BYTES);
    for (int t = 0; t < schedule.trainTimesteps(); t++) {
      values.putFloat(schedule.alphaCumprod(t));
    }
    return hex(digest.digest(values.array()));
  }

  /** CRC-32C of a tensor's bytes. */
  static String crc32c(Tensor tensor) {
    CRC32C checksum = new CRC32C();
    forEachChunk(tensor, checksum::update);
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  private static void forEachChunk(Tensor tensor, Consumer<ByteBuffer> reader) {
    try (Scope scope = new Scope()) {
      Tensor source = tensor.detach().cpu().contiguous();
      Pointer data = source.data_ptr();
      long bytes = source.numel() * DType.of(source.scalar_type()).bytes();
      for (long position = 0; position < bytes; position += CHUNK_BYTES) {
        reader.accept(
            new BytePointer(data).position(position).limit(Math.min(bytes, position + CHUNK_BYTES)).asByteBuffer());
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
