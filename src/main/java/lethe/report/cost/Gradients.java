package lethe.report.cost;

/** What a backward pass computes gradients of. */
public enum Gradients {
  NONE,
  /** Of the input that an attack changes: the UNet's text context, the text encoder's word embeddings. */
  INPUT,
  /** Of cross-attention's weights. */
  CROSS_ATTENTION,
  /** Of all weights, and not of the input. */
  WEIGHTS;

  boolean trains(String weight) {
    return this == WEIGHTS || this == CROSS_ATTENTION && weight.contains("attn2");
  }
}
