package lethe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.SafeTensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One golden pipeline set: a tiny checkpoint and what PyTorch, transformers and diffusers compute on it. */
public final class GoldenPipeline implements AutoCloseable {
  /** Tolerance of single components in float32 (golden/README.md). */
  public static final double COMPONENT_ABSOLUTE = 2e-5;

  public static final double COMPONENT_RELATIVE = 1e-4;

  /** Tolerance of 8-step pipelines. */
  public static final double PIPELINE_ABSOLUTE = 1e-3;

  private final Path folder;
  private final SafeTensors tensors;
  private final JsonNode json;

  public GoldenPipeline(Path folder) throws IOException {
    this.folder = folder;
    this.tensors = SafeTensors.open(folder.resolve("golden.safetensors"));
    this.json = new ObjectMapper().readTree(folder.resolve("golden.json").toFile());
  }

  public Path folder() {
    return folder;
  }

  public Checkpoint checkpoint() {
    return Checkpoint.open(folder);
  }

  public JsonNode json() {
    return json;
  }

  public Tensor tensor(String name) {
    return tensors.tensor(name);
  }

  public boolean contains(String name) {
    return tensors.names().contains(name);
  }

  @Override
  public void close() {
    tensors.close();
  }

  /** As numpy's allclose: |actual - expected| <= absolute + relative * |expected|, everywhere. */
  public static void assertClose(Tensor expected, Tensor actual, double absolute, double relative, String what) {
    assertArrayEquals(expected.shape(), actual.shape(), what + ": shape");
    Tensor e = expected.to(torch.ScalarType.Double);
    Tensor a = actual.detach().to(torch.ScalarType.Double);
    Tensor difference = e.sub(a).abs();
    Tensor excess = difference.sub(e.abs().mul(new Scalar(relative)));
    double worst = excess.max().item_double();
    // Negated so that NaN fails.
    assertTrue(
        worst <= absolute,
        () -> what + ": differs by up to " + difference.max().item_double() + " (excess " + worst + ")");
  }

  public static void assertComponentClose(Tensor expected, Tensor actual, String what) {
    assertClose(expected, actual, COMPONENT_ABSOLUTE, COMPONENT_RELATIVE, what);
  }
}
