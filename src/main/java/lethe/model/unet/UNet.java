package lethe.model.unet;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.model.layer.AttentionPass;
import lethe.model.layer.Conv2d;
import lethe.model.layer.GroupNorm;
import lethe.model.layer.InitialWeights;
import lethe.model.layer.Network;
import lethe.model.layer.PredictionPass;
import lethe.model.layer.WeightReader;
import lethe.profile.ModuleEvent;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** diffusers' UNet2DConditionModel: predicts the noise (or velocity) in a latent, steered by a text context. */
public final class UNet extends Network {
  private final String module;
  private final UNetConfig config;
  private final Conv2d convIn;
  private final TimestepEmbedding timeEmbedding;
  private final List<DownBlock2D> downBlocks = new ArrayList<>();
  private final MidBlock2D midBlock;
  private final List<UpBlock2D> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  private UNet(UNetConfig config, WeightReader weights) {
    module = weights.module();
    this.config = config;
    int[] channels = config.blockOutChannels();
    convIn = Conv2d.same3x3(weights.at("conv_in"), config.inChannels(), channels[0]);
    timeEmbedding = new TimestepEmbedding(weights.at("time_embedding"), config);
    for (int i = 0; i < channels.length; i++) {
      downBlocks.add(new DownBlock2D(weights.at("down_blocks", i), config, i));
    }
    midBlock = new MidBlock2D(weights.at("mid_block"), config);
    for (int i = 0; i < channels.length; i++) {
      upBlocks.add(new UpBlock2D(weights.at("up_blocks", i), config, i));
    }
    convNormOut = new GroupNorm(weights.at("conv_norm_out"), config.normNumGroups(), channels[0], config.normEps());
    convOut = Conv2d.same3x3(weights.at("conv_out"), channels[0], config.outChannels());
  }

  /** As {@link #load(Checkpoint, DType, Device)}, in fp32 on the CPU. */
  public static UNet load(Checkpoint checkpoint) {
    return load(checkpoint, DType.F32, Device.CPU);
  }

  /**
   * @param dtype what it computes in: fp32, or bf16 for one that is not trained
   * @throws lethe.error.UserException if its config or weights are missing, broken, or do not fit each other
   */
  public static UNet load(Checkpoint checkpoint, DType dtype, Device device) {
    UNetConfig config = UNetConfig.of(checkpoint.config(Component.UNET));
    return load(checkpoint, Component.UNET, dtype, device, weights -> new UNet(config, weights));
  }

  /**
   * A network to be trained: on the CPU, its weights drawn from {@code seed}.
   *
   * @param dtype of the weights, and what it computes in
   */
  public static UNet initial(UNetConfig config, long seed, DType dtype) {
    return load(
        new InitialWeights(seed, dtype),
        Component.UNET.folder(),
        dtype,
        Device.CPU,
        weights -> new UNet(config, weights));
  }

  /** The shapes of all weights that such a network has, by name; makes none. */
  public static Map<String, long[]> shapes(UNetConfig config) {
    WeightReader reader = WeightReader.dry(Component.UNET);
    new UNet(config, reader);
    return reader.shapes();
  }

  public UNetConfig config() {
    return config;
  }

  /** The number of cross-attention layers, in the order in which a pass meets them. */
  public int crossAttentionLayers() {
    return (int) parameters().keySet().stream().filter(name -> name.endsWith("attn2.to_q.weight")).count();
  }

  /**
   * Computes in the type of the parameters, whatever that of its input.
   *
   * @param sample noisy latents, [B, C, H, W]
   * @param timesteps [B] or [1], in [0, 1000), on any device
   * @param context the text encoder's output, [R, T, D]: R is B, or with a single timestep a multiple of it, where all
   *     of {@code sample} passes with the first B contexts, then with the next
   * @return the prediction, [R, C, H, W], contiguous and of the type of {@code sample}
   */
  public Tensor forward(Tensor sample, Tensor timesteps, Tensor context) {
    return forward(sample, timesteps, context, PredictionPass.INSTANCE);
  }

  /** As {@link #forward(Tensor, Tensor, Tensor)}; null if the pass ended before the output. */
  public Tensor forward(Tensor sample, Tensor timesteps, Tensor context, AttentionPass pass) {
    try (Scope scope = new Scope();
        ModuleEvent event = ModuleEvent.of(module)) {
      long rows = context.size(0);
      if (rows % sample.size(0) != 0 || (rows != sample.size(0) && timesteps.numel() != 1)) {
        throw new IllegalArgumentException(
            "%d contexts and %d timesteps do not fit %d latents".formatted(rows, timesteps.numel(), sample.size(0)));
      }
      Tensor embedding = pass.cut(timeEmbedding.forward(device().place(timesteps), dtype())); // [B, timeEmbedDim]
      Tensor text = inOwnType(context, pass);
      Deque<Tensor> skips = new ArrayDeque<>();
      Tensor h = pass.cut(convIn.forward(layout(inOwnType(sample, pass))));
      skips.push(h);
      for (DownBlock2D block : downBlocks) {
        h = block.forward(h, embedding, text, skips, pass);
        if (h == null) {
          return null;
        }
      }
      h = midBlock.forward(h, embedding, text, pass);
      for (int i = 0; h != null && i < upBlocks.size(); i++) {
        h = upBlocks.get(i).forward(h, embedding, text, skips, pass);
      }
      if (h == null) {
        return null;
      }
      Tensor out = convOut.forward(torch.silu(convNormOut.forward(h)));
      return scope.keep(out.to(sample.scalar_type()).contiguous());
    }
  }

  /**
   * With channels innermost where nothing is differentiated: all that follows keeps that layout, in which small networks'
   * convolutions are a quarter faster, Stable Diffusion's as fast, and a sequence of positions is a view. Training gains
   * nothing by it.
   */
  private static Tensor layout(Tensor x) {
    return GradMode.is_enabled() ? x : x.contiguous(torch.MemoryFormat.ChannelsLast);
  }

  /** A conversion is one more node on every path to a fused kernel, so it ends in a cut. */
  private Tensor inOwnType(Tensor x, AttentionPass pass) {
    ScalarType type = dtype().scalarType();
    return x.scalar_type() == type ? x : pass.cut(x.to(type));
  }
}
