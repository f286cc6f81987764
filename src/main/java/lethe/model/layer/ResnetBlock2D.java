package lethe.model.layer;

import lethe.profile.ModuleEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** diffusers' ResnetBlock2D: two normalised convolutions, the timestep embedding added between them, and a shortcut. */
public final class ResnetBlock2D {
  private final String module;
  private final GroupNorm norm1;
  private final Conv2d conv1;
  private final Linear timeEmbProj;
  private final GroupNorm norm2;
  private final Conv2d conv2;
  private final Conv2d shortcut;

  /**
   * @param timeEmbedDim width of the timestep embedding, or 0 for a network that has none (the VAE)
   */
  public ResnetBlock2D(WeightReader weights, long in, long out, long timeEmbedDim, long groups, double eps) {
    module = weights.module();
    norm1 = new GroupNorm(weights.at("norm1"), groups, in, eps);
    conv1 = Conv2d.same3x3(weights.at("conv1"), in, out);
    timeEmbProj = timeEmbedDim == 0 ? null : Linear.of(weights.at("time_emb_proj"), timeEmbedDim, out);
    norm2 = new GroupNorm(weights.at("norm2"), groups, out, eps);
    conv2 = Conv2d.same3x3(weights.at("conv2"), out, out);
    shortcut = in == out ? null : Conv2d.pointwise(weights.at("conv_shortcut"), in, out);
  }

  /**
   * @param x [B, in, H, W]
   * @param timeEmbedding [B, timeEmbedDim], or null if the network has none
   * @return [B, out, H, W]
   */
  public Tensor forward(Tensor x, Tensor timeEmbedding) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      Tensor h = conv1.forward(torch.silu(norm1.forward(x)));
      if (timeEmbProj != null) {
        h = h.add(timeEmbProj.forward(torch.silu(timeEmbedding)).unsqueeze(-1).unsqueeze(-1));
      }
      h = conv2.forward(torch.silu(norm2.forward(h)));
      return scope.keep((shortcut == null ? x : shortcut.forward(x)).add(h));
    }
  }
}
