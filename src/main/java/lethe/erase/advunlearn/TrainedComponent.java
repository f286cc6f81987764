package lethe.erase.advunlearn;

/** Which part of the text encoder's layers is trained. */
public enum TrainedComponent {
  ALL(""),
  /** The MLP. */
  FFN("mlp"),
  /** Self-attention. */
  ATTN("self_attn");

  private final String module;

  TrainedComponent(String module) {
    this.module = module;
  }

  boolean includes(String parameter) {
    return parameter.contains(module);
  }
}
