package lethe.attack.prompt;

import java.util.List;

/**
 * Settings of concept inversion, with the defaults of Forget-Me-Not's own.
 *
 * @param k new tokens
 * @param steps optimisation steps
 * @param learningRate of AdamW
 * @param weightDecay of AdamW
 * @param norm towards which every new embedding's norm is pulled; NaN for the mean norm of the vocabulary, which is
 *     about the published 0.4 for Stable Diffusion 1.x
 * @param initializer words whose embeddings it starts from, the last repeated; empty to start at random
 * @param templates prompts with {@code {concept}} where the new tokens stand
 * @param seed of templates, images, timesteps, noise and random start
 */
public record ConceptInversionSettings(
    int k,
    int steps,
    double learningRate,
    double weightDecay,
    double norm,
    String initializer,
    List<String> templates,
    Criterion criterion,
    long seed) {
  /** Where the new tokens stand in a template. */
  public static final String PLACEHOLDER = "{concept}";

  public static final ConceptInversionSettings DEFAULTS =
      new ConceptInversionSettings(
          4,
          500,
          1e-3,
          0.1,
          Double.NaN,
          "",
          List.of(
              "a photo of a {concept}",
              "a picture of a {concept}",
              "a rendering of a {concept}",
              "a close-up photo of a {concept}",
              "a bright photo of a {concept}",
              "a good picture of the {concept}",
              "the {concept}"),
          Criterion.L2,
          0);

  /** How far a step pulls the norms: min(1, 100 lr), as published. */
  double pull() {
    return Math.min(1, 100 * learningRate);
  }
}
