package lethe.report.cost;

import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lethe.model.unet.UNet;
import lethe.model.unet.UNetConfig;
import lethe.profile.Work;

/** What a pass through a UNet costs. */
public final class UNetCost {
  private static final Pattern BLOCK = Pattern.compile("(down|up)_blocks\\.(\\d+)\\.(.*)");

  private final UNetConfig config;
  private final Map<String, long[]> shapes;
  private final int levels;

  public UNetCost(UNetConfig config) {
    this.config = config;
    this.shapes = UNet.shapes(config);
    this.levels = config.blockOutChannels().length;
  }

  public long parameters(Gradients gradients) {
    return shapes.entrySet().stream()
        .filter(weight -> gradients.trains(weight.getKey()))
        .mapToLong(weight -> Arrays.stream(weight.getValue()).reduce(1, Math::multiplyExact))
        .sum();
  }

  /**
   * @param height of the latents, in latent positions; so is {@code width}
   * @param tokens length of the text context
   * @param endsAtScores whether the pass ends at the last cross-attention's probabilities, as resteering does
   */
  public Cost pass(long batch, long height, long width, long tokens, Gradients gradients, boolean endsAtScores) {
    return pass(batch, 1, height, width, tokens, gradients, endsAtScores);
  }

  /** A prediction with two contexts for each latent; what comes before the first cross-attention is computed once. */
  Work guided(long batch, long height, long width, long tokens) {
    return pass(batch, 2, height, width, tokens, Gradients.NONE, false).forward();
  }

  private Cost pass(
      long latents,
      int contexts,
      long height,
      long width,
      long tokens,
      Gradients gradients,
      boolean endsAtScores) {
    long batch = latents;
    Pass pass = new Pass(gradients);
    String last =
        shapes.keySet().stream().filter(name -> name.endsWith("attn2.to_v.weight")).reduce((a, b) -> b).orElseThrow();
    boolean contextNeedsGradient = gradients == Gradients.INPUT;
    boolean timeNeedsGradient = gradients == Gradients.WEIGHTS;
    for (Map.Entry<String, long[]> weight : shapes.entrySet()) {
      String name = weight.getKey();
      long[] shape = weight.getValue();
      int level = level(name);
      long positions = positions(level, height, width);
      if (name.endsWith("attn2.to_k.weight")) {
        batch = latents * contexts;
      }
      if (endsAtScores && name.equals(last)) {
        pass.attention(batch * heads(level), positions, tokens, channels(level), false, gradients.trains(name));
        return pass.cost();
      }
      if (name.endsWith(".bias")) {
        continue;
      }
      if (name.contains("time_emb")) {
        boolean first = name.startsWith("time_embedding.linear_1");
        pass.linear(name, shape, latents, timeNeedsGradient && !first);
      } else if (name.endsWith("attn2.to_k.weight") || name.endsWith("attn2.to_v.weight")) {
        pass.linear(name, shape, batch * tokens, contextNeedsGradient);
      } else if (name.endsWith("attn1.to_out.0.weight")) {
        pass.attention(batch * heads(level), positions, positions, channels(level), true, false);
        pass.linear(name, shape, batch * positions);
      } else if (name.endsWith("attn2.to_out.0.weight")) {
        boolean needed = contextNeedsGradient || gradients.trains(name);
        pass.attention(batch * heads(level), positions, tokens, channels(level), true, needed);
        pass.linear(name, shape, batch * positions);
      } else if (shape.length == 1) {
        pass.norm(batch * positions * shape[0]);
      } else if (shape.length == 2) {
        pass.linear(name, shape, batch * positions);
      } else {
        long after = positions(levelAfter(name), height, width);
        long before = name.contains("upsamplers") ? after : positions; // upsampling comes before its convolution
        pass.conv2d(name, shape, batch, before, after);
      }
    }
    return pass.cost();
  }

  /** How often a module's input has been halved. */
  private int level(String name) {
    Matcher block = BLOCK.matcher(name);
    if (!block.matches()) {
      return name.startsWith("mid_block") ? levels - 1 : 0;
    }
    int index = Integer.parseInt(block.group(2));
    return block.group(1).equals("down") ? index : levels - 1 - index;
  }

  private int levelAfter(String name) {
    if (name.contains("downsamplers")) {
      return level(name) + 1;
    }
    return name.contains("upsamplers") ? level(name) - 1 : level(name);
  }

  private static long positions(int level, long height, long width) {
    long round = (1L << level) - 1;
    return ((height + round) >> level) * ((width + round) >> level);
  }

  private int heads(int level) {
    return config.numAttentionHeads()[level];
  }

  /** Of one head. */
  private int channels(int level) {
    return config.blockOutChannels()[level] / heads(level);
  }
}
