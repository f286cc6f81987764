package lethe.report.cost;

import java.util.List;
import lethe.profile.Work;

/** What one training step of Forget-Me-Not costs, at batch 1 and the model's own resolution. */
public final class ForgetMeNotCost {
  private ForgetMeNotCost() {}

  /** @param onlyOptimizeCa whether only cross-attention is trained */
  public static List<Phase> phases(ModelCost model, boolean onlyOptimizeCa) {
    Gradients gradients = onlyOptimizeCa ? Gradients.CROSS_ATTENTION : Gradients.WEIGHTS;
    String trained = onlyOptimizeCa ? "cross-attention" : "all weights";
    int side = model.nativeResolution();
    Cost pass = model.unetPass(1, side, gradients, true);
    return List.of(
        new Phase("encode an image", 1, model.vae().encode(1, side, side)),
        new Phase("UNet to the last scores", 1, pass.forward()),
        new Phase("backward to " + trained, 1, pass.backward()),
        new Phase("AdamW over " + trained, 1, Work.adamW(model.unet().parameters(gradients))));
  }
}
