package lethe.model;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;
import lethe.checkpoint.Component;
import lethe.checkpoint.ModelShape;
import lethe.checkpoint.NewCheckpoint;
import lethe.model.clip.ClipTextConfig;
import lethe.model.clip.ClipTextEncoder;
import lethe.model.unet.UNet;
import lethe.model.unet.UNetConfig;
import lethe.model.vae.Vae;
import lethe.model.vae.VaeConfig;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Checkpoints of the sizes of published models with random weights: what computing with the real ones costs, anyone can
 * measure without having them.
 *
 * <p>Weights are normal with variance 1 / fan-in, so that activations keep their size from layer to layer and stay
 * finite down to half precision. A weight depends on the seed and its name only.
 */
public final class RandomModel {
  private static final double EMBEDDING_DEVIATION = 0.02;
  private static final double VECTOR_DEVIATION = 0.02;

  private RandomModel() {}

  /** The shapes of all weights of a model, by component and canonical name; makes none. */
  public static Map<Component, Map<String, long[]>> shapes(ModelShape model) {
    Map<Component, Map<String, long[]>> shapes = new EnumMap<>(Component.class);
    shapes.put(
        Component.TEXT_ENCODER, ClipTextEncoder.shapes(ClipTextConfig.of(model.config(Component.TEXT_ENCODER))));
    shapes.put(Component.UNET, UNet.shapes(UNetConfig.of(model.config(Component.UNET))));
    shapes.put(Component.VAE, Vae.shapes(VaeConfig.of(model.config(Component.VAE))));
    return shapes;
  }

  /**
   * Writes such a checkpoint as a diffusers folder, holding one weight in memory at a time.
   *
   * @param dtype of all weights, a floating point type
   * @param onWeight told the number of weights written, after each
   * @throws lethe.error.UserException if {@code out} exists, cannot be written, or its disk has too little room
   */
  public static void write(ModelShape model, DType dtype, long seed, Path out, LongConsumer onWeight) {
    long[] written = {0};
    new NewCheckpoint(model, dtype, shapes(model))
        .write(
            out,
            (component, name, shape) -> {
              Tensor weight = weight(component.folder() + "." + name, shape, dtype, seed);
              onWeight.accept(++written[0]);
              return weight;
            });
  }

  private static Tensor weight(String name, long[] shape, DType dtype, long seed) {
    try (Scope scope = new Scope()) {
      // LibTorch's CPU generator takes the low 32 bits of a seed only, so seed and name are mixed into these.
      long mixed = new SplittableRandom(seed ^ ((long) name.hashCode() << Integer.SIZE)).nextLong();
      Generator generator = torch.make_generator_cpu(mixed);
      Tensor values = torch.randn(shape, new GeneratorOptional(generator)).mul_(new Scalar(deviation(name, shape)));
      if (shape.length == 1 && name.endsWith(".weight")) {
        values.add_(new Scalar(1)); // of a normalisation
      }
      return scope.keep(values.to(dtype.scalarType()));
    }
  }

  private static double deviation(String name, long[] shape) {
    if (shape.length == 1) {
      return VECTOR_DEVIATION;
    }
    if (name.endsWith("embedding.weight")) {
      return EMBEDDING_DEVIATION;
    }
    long fanIn = 1;
    for (int i = 1; i < shape.length; i++) {
      fanIn *= shape[i];
    }
    return 1 / Math.sqrt(fanIn);
  }
}
