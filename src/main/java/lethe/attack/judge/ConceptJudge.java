package lethe.attack.judge;

import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Says what an image shows: the classifier that decides whether an erased concept has come back. */
public interface ConceptJudge {
  /**
   * @param concept the likeliest of {@link ConceptJudge#concepts()}
   * @param score how sure the judge is, at most 1; judges' scores do not compare with each other's
   */
  record Verdict(String concept, double score) {}

  /** The concepts that it tells apart, in lower case, words separated by spaces. */
  Set<String> concepts();

  /**
   * @param image [3, H, W], about [-1, 1]
   */
  Verdict judge(Tensor image);
}
