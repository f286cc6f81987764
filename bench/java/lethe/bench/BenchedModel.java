package lethe.bench;

import java.nio.file.Path;
import java.util.List;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.tensor.Threads;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The checkpoint that a benchmark's parameter {@code model} names, and inputs of its shapes: batch 1, seed 1.
 *
 * <p>{@code tiny} is the bundled model. {@code sd-1.4} is a checkpoint of Stable Diffusion 1.4's shapes, whose weights
 * may be random: the system property {@value #SD14} names its folder.
 */
final class BenchedModel implements AutoCloseable {
  private static final String TINY = "tiny";
  static final String SD14 = "lethe.bench.sd14";

  static final String PROMPT = "a photograph of an astronaut riding a horse on the moon, highly detailed";

  private final StableDiffusion model;

  private BenchedModel(StableDiffusion model) {
    this.model = model;
  }

  static BenchedModel load(String name) {
    torch.manual_seed(1);
    StableDiffusion model = StableDiffusion.load(open(name));
    if (!name.equals(TINY) && Provider.choose() == Provider.NATIVE) {
      Threads.shareWithBlas();
    }
    return new BenchedModel(model);
  }

  static Checkpoint open(String name) {
    if (name.equals(TINY)) {
      return Checkpoint.open(Path.of("models/emoji-canvas"));
    }
    String folder = System.getProperty(SD14);
    if (folder == null) {
      throw new IllegalStateException("model=" + name + " needs -D" + SD14 + "=DIR, a checkpoint of its shapes");
    }
    return Checkpoint.open(Path.of(folder));
  }

  StableDiffusion model() {
    return model;
  }

  /** The prompt's token ids, [1, T] int64. */
  Tensor ids() {
    int[] padded = model.tokenizer().encodePadded(PROMPT);
    long[] ids = new long[padded.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = padded[i];
    }
    return Tensor.create(ids, 1, ids.length);
  }

  /** The prompt's encoding, [1, T, D]. */
  Tensor context() {
    return model.encodePrompts(List.of(PROMPT));
  }

  /** Standard normal latents, [1, C, h, w]. */
  Tensor latents() {
    return model.startLatents(1, model.nativeResolution(), model.nativeResolution());
  }

  /** A timestep in the middle, [1] int64. */
  Tensor timestep() {
    return Tensor.create(500L);
  }

  /** An image of noise, [1, 3, H, W] in [-1, 1]. */
  Tensor image() {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      long side = model.nativeResolution();
      return scope.keep(torch.randn(1, 3, side, side).tanh());
    }
  }

  /** uint8 [1, T], 1 at the word that Forget-Me-Not takes attention from. */
  Tensor columns() {
    Tensor columns = torch.zeros(new long[] {1, model.tokenizer().maxLength()}, DType.U8.options());
    columns.narrow(1, 5, 1).fill_(new Scalar(1));
    return columns;
  }

  /** Drops a weight's gradient, and asks for none from now on. */
  static void freeze(Tensor weight) {
    try (Scope scope = new Scope()) {
      weight.mutable_grad().reset();
      weight.set_requires_grad(false);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
