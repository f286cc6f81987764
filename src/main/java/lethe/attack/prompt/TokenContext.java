package lethe.attack.prompt;

import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Apart from {@link PromptEncoder}, whose verification would load LibTorch's classes whenever a flag names one. */
final class TokenContext {
  private TokenContext() {}

  /** The text context of {@code template} with {@code tokens}, [1, T, D], owned by the current scope. */
  static Tensor of(StableDiffusion model, PromptTemplate template, int[] tokens) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      return scope.keep(model.textEncoder().encode(template.padded(tokens)));
    }
  }
}
