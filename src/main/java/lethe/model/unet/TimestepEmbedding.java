package lethe.model.unet;

import lethe.model.layer.Linear;
import lethe.model.layer.WeightReader;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Sinusoidal timestep features (diffusers' Timesteps) through a two-layer MLP (its TimestepEmbedding). */
final class TimestepEmbedding {
  private static final double MAX_PERIOD = 10_000;

  private final int features;
  private final boolean flipSinToCos;
  private final double freqShift;
  private final Linear linear1;
  private final Linear linear2;

  TimestepEmbedding(WeightReader weights, UNetConfig config) {
    features = config.blockOutChannels()[0];
    flipSinToCos = config.flipSinToCos();
    freqShift = config.freqShift();
    linear1 = Linear.of(weights.at("linear_1"), features, config.timeEmbedDim());
    linear2 = Linear.of(weights.at("linear_2"), config.timeEmbedDim(), config.timeEmbedDim());
  }

  /**
   * @param timesteps [B], of any type
   * @param dtype the network's
   * @return [B, timeEmbedDim]
   */
  Tensor forward(Tensor timesteps, DType dtype) {
    try (Scope scope = new Scope()) {
      int half = features / 2;
      Tensor exponent =
          torch.arange(new Scalar(0), new Scalar(half), Device.of(timesteps).options(DType.F32))
              .mul(new Scalar(-Math.log(MAX_PERIOD)))
              .div(new Scalar(half - freqShift));
      Tensor angles =
          timesteps.to(torch.ScalarType.Float).unsqueeze(1).mul(torch.exp(exponent).unsqueeze(0)); // [B, half]
      Tensor sin = torch.sin(angles);
      Tensor cos = torch.cos(angles);
      Tensor sinusoid = torch.cat(flipSinToCos ? new TensorVector(cos, sin) : new TensorVector(sin, cos), 1);
      return scope.keep(
          linear2.forward(torch.silu(linear1.forward(sinusoid.to(dtype.scalarType())))));
    }
  }
}
