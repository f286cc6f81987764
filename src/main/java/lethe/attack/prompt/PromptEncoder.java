package lethe.attack.prompt;

import java.util.List;
import lethe.model.StableDiffusion;
import org.bytedeco.pytorch.Tensor;

/** What of a prompt found reaches the model. */
public enum PromptEncoder {
  /** Its text, tokenized anew: what someone can type. The published attack does so. */
  TEXT {
    @Override
    Tensor context(StableDiffusion model, PromptTemplate template, int[] tokens) {
      return model.encodePrompts(List.of(template.text(tokens)));
    }
  },

  /** Its token ids, which no text may give: parts of words stand alone, and special tokens count. */
  IDS {
    @Override
    Tensor context(StableDiffusion model, PromptTemplate template, int[] tokens) {
      return TokenContext.of(model, template, tokens);
    }
  };

  /** [1, T, D], owned by the current scope. */
  abstract Tensor context(StableDiffusion model, PromptTemplate template, int[] tokens);
}
