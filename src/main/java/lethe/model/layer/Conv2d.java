package lethe.model.layer;

import lethe.profile.KernelEvent;
import lethe.profile.Work;
import lethe.tensor.Traced;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** A square convolution with bias over [B, C, H, W]. */
public final class Conv2d {
  private static final long[] NO_DILATION = {1, 1};

  private final Tensor weight;
  private final Tensor bias;
  private final long[] stride;
  private final long[] padding;

  public Conv2d(WeightReader weights, long in, long out, long kernel, long stride, long padding) {
    this.weight = weights.take("weight", out, in, kernel, kernel);
    this.bias = weights.take("bias", out);
    this.stride = new long[] {stride, stride};
    this.padding = new long[] {padding, padding};
  }

  /** A 3 x 3 convolution that keeps height and width. */
  public static Conv2d same3x3(WeightReader weights, long in, long out) {
    return new Conv2d(weights, in, out, 3, 1, 1);
  }

  /** A 1 x 1 convolution. */
  public static Conv2d pointwise(WeightReader weights, long in, long out) {
    return new Conv2d(weights, in, out, 1, 1, 0);
  }

  public Tensor forward(Tensor x) {
    KernelEvent event = new KernelEvent();
    event.begin();
    Tensor y = torch.conv2d(x, weight, new TensorOptional(bias), stride, padding, NO_DILATION, 1);
    event.end();
    if (event.shouldCommit()) {
      Work work =
          Work.conv2d(
              x.size(0),
              x.size(1),
              y.size(1),
              weight.size(2),
              x.size(2) * x.size(3),
              y.size(2) * y.size(3),
              Traced.elementBytes(x));
      Traced.describe(event, "conv2d", Traced.LIBTORCH, x, weight)
          .costs(work)
          .costsLater(work.times(Traced.gradients(y, x, weight)))
          .commit();
    }
    return y;
  }
}
