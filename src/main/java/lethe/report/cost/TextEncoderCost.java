package lethe.report.cost;

import java.util.Arrays;
import java.util.Map;
import lethe.model.clip.ClipTextConfig;
import lethe.model.clip.ClipTextEncoder;

/** What a pass through a text encoder costs. */
public final class TextEncoderCost {
  private static final String EMBEDDINGS = "embeddings.";

  private final ClipTextConfig config;
  private final Map<String, long[]> shapes;

  public TextEncoderCost(ClipTextConfig config) {
    this.config = config;
    this.shapes = ClipTextEncoder.shapes(config);
  }

  /** All parameters but the embeddings: what AdvUnlearn trains. */
  public long trainedParameters() {
    return shapes.entrySet().stream()
        .filter(weight -> !weight.getKey().startsWith(EMBEDDINGS))
        .mapToLong(weight -> Arrays.stream(weight.getValue()).reduce(1, Math::multiplyExact))
        .sum();
  }

  public Cost pass(long batch, long tokens, Gradients gradients) {
    Pass pass = new Pass(gradients);
    pass.differentiableFromHere(); // the first norm's weights are trained, or its input is
    long heads = config.numAttentionHeads();
    for (Map.Entry<String, long[]> weight : shapes.entrySet()) {
      String name = weight.getKey();
      long[] shape = weight.getValue();
      if (name.startsWith(EMBEDDINGS) || name.endsWith(".bias")) {
        continue;
      }
      if (name.endsWith("out_proj.weight")) {
        pass.attention(batch * heads, tokens, tokens, config.hiddenSize() / heads, true, false);
      }
      if (shape.length == 1) {
        pass.norm(batch * tokens * shape[0]);
      } else {
        pass.linear(name, shape, batch * tokens);
      }
    }
    return pass.cost();
  }
}
