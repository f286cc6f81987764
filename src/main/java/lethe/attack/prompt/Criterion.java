package lethe.attack.prompt;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The distance between two predictions, averaged over all elements; names of the published attack. */
public enum Criterion {
  /** Mean absolute difference. */
  L1,

  /** Mean squared difference. */
  L2;

  Tensor of(Tensor prediction, Tensor target) {
    return this == L1 ? torch.l1_loss(prediction, target) : torch.mse_loss(prediction, target);
  }
}
