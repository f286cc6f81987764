package lethe.model.layer;

import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Nearest-neighbour upsampling followed by a 3 x 3 convolution. */
public final class Upsample2D {
  private final Conv2d conv;

  public Upsample2D(WeightReader weights, long channels) {
    conv = Conv2d.same3x3(weights.at("conv"), channels, channels);
  }

  /** x: [B, C, H, W]; returns [B, C, height, width]. */
  public Tensor forward(Tensor x, long height, long width) {
    try (Scope scope = new Scope()) {
      return scope.keep(conv.forward(torch.upsample_nearest2d(x, height, width)));
    }
  }

  /** Doubles height and width. */
  public Tensor forward(Tensor x) {
    return forward(x, 2 * x.size(2), 2 * x.size(3));
  }
}
