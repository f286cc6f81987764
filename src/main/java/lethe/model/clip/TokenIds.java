package lethe.model.clip;

import java.util.List;
import lethe.text.ClipTokenizer;
import org.bytedeco.pytorch.Tensor;

/** Prompts as a text encoder takes them. */
public final class TokenIds {
  private TokenIds() {}

  /** The padded token ids of prompts, int64 [B, T]; owned by the current scope. */
  public static Tensor of(ClipTokenizer tokenizer, List<String> prompts) {
    int length = tokenizer.maxLength();
    long[] ids = new long[prompts.size() * length];
    for (int i = 0; i < prompts.size(); i++) {
      int[] padded = tokenizer.encodePadded(prompts.get(i));
      for (int j = 0; j < length; j++) {
        ids[i * length + j] = padded[j];
      }
    }
    return Tensor.create(ids, prompts.size(), length);
  }
}
