package lethe.model.vae;

import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The encoder's diagonal Gaussian over latents.
 *
 * @param mean [B, latentChannels, h, w]
 * @param logVariance the same shape, clamped to [-30, 20] as in diffusers
 */
public record LatentDistribution(Tensor mean, Tensor logVariance) {
  /**
   * One draw, [B, latentChannels, h, w], not yet multiplied by the scaling factor.
   *
   * @param generator on the CPU, so that a seed means the same on every device
   */
  public Tensor sample(Generator generator) {
    try (Scope scope = new Scope()) {
      Tensor noise = Device.of(mean).place(torch.randn(mean.shape(), new GeneratorOptional(generator)));
      return scope.keep(mean.add(torch.exp(logVariance.mul(new Scalar(0.5))).mul(noise)));
    }
  }
}
