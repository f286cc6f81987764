package lethe.erase.advunlearn.latents;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Independent random streams under one seed, each found by its name and number: a draw needs no stream before it.
 */
record Seeds(long seed) {
  SplittableRandom random(String stream, long number) {
    return new SplittableRandom(derive(stream, number));
  }

  /** Standard normal, fp32 on the CPU, owned by the current scope. */
  Tensor normal(String stream, long number, long... shape) {
    try (Scope scope = new Scope()) {
      var generator = torch.make_generator_cpu(derive(stream, number));
      return scope.keep(torch.randn(shape, new GeneratorOptional(generator)));
    }
  }

  private long derive(String stream, long number) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(stream.getBytes(StandardCharsets.UTF_8));
      digest.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(seed).putLong(number).flip());
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
