package lethe.erase.advunlearn.latents;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The contexts that the text encoder gives when this is made: training the encoder later does not change them. Owns
 * them.
 */
final class PromptContexts implements AutoCloseable {
  private static final String EMPTY_PROMPT = "";

  private final Map<String, Tensor> contexts = new HashMap<>();

  PromptContexts(StableDiffusion model, String concept, Collection<String> retainPrompts) {
    try (Scope scope = new Scope()) {
      add(model, EMPTY_PROMPT);
      add(model, concept);
      retainPrompts.forEach(prompt -> add(model, prompt));
    }
  }

  private void add(StableDiffusion model, String prompt) {
    contexts.computeIfAbsent(prompt, text -> Scope.own(model.encodePrompts(List.of(text))));
  }

  /** [1, T, D] */
  Tensor empty() {
    return contexts.get(EMPTY_PROMPT);
  }

  /** [1, T, D] */
  Tensor of(String prompt) {
    return contexts.get(prompt);
  }

  /** [B, T, D], owned by the current scope. */
  Tensor of(List<String> prompts) {
    try (Scope scope = new Scope()) {
      TensorVector parts = new TensorVector();
      prompts.forEach(prompt -> parts.push_back(of(prompt)));
      return scope.keep(torch.cat(parts, 0));
    }
  }

  @Override
  public void close() {
    contexts.values().forEach(Tensor::releaseReference);
    contexts.clear();
  }
}
