package lethe.attack.prompt;

import org.bytedeco.pytorch.Tensor;

/**
 * A prompt that an attack proposes.
 *
 * @param text the whole prompt, adversarial tokens decoded
 * @param tokens ids of the adversarial tokens; empty if they are no tokens of the vocabulary
 * @param timestep at which it was found; -1 if the attack has none
 * @param loss mean over the steps that led to it; NaN without any
 * @param context what the attacked model's UNet is given, [1, T, D]; owned by the scope in which it was proposed
 */
public record Candidate(String text, int[] tokens, int timestep, double loss, Tensor context) {
  /** Stands for a timestep where an attack has none. */
  public static final int NO_TIMESTEP = -1;
}
