package lethe.train.classifier;

import java.util.ArrayList;
import java.util.List;
import lethe.model.classifier.ConceptClassifier;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * What a classifier says of pictures whose contents are known.
 *
 * @param pictures how many there were
 * @param wrongConcept those, by number, in which it saw another concept
 * @param wrongStyle those in which it saw another style
 */
public record HeldOutAccuracy(int pictures, List<Integer> wrongConcept, List<Integer> wrongStyle) {
  private static final int CHUNK = 64;

  public static HeldOutAccuracy of(ConceptClassifier classifier, LabelledPictures pictures) {
    List<Integer> wrongConcept = new ArrayList<>();
    List<Integer> wrongStyle = new ArrayList<>();
    for (long start = 0; start < pictures.size(); start += CHUNK) {
      try (Scope scope = new Scope();
          NoGradGuard noGrad = new NoGradGuard()) {
        LabelledPictures.Batch batch = pictures.range(start, Math.min(CHUNK, pictures.size() - start));
        ConceptClassifier.Logits logits = classifier.forward(batch.images());
        compare(logits.concept().argmax(new LongOptional(1), false), batch.concepts(), start, wrongConcept);
        compare(logits.style().argmax(new LongOptional(1), false), batch.styles(), start, wrongStyle);
      }
    }
    return new HeldOutAccuracy((int) pictures.size(), wrongConcept, wrongStyle);
  }

  private static void compare(Tensor seen, Tensor shown, long start, List<Integer> mistakes) {
    for (long i = 0; i < seen.size(0); i++) {
      try (Scope scope = new Scope()) {
        if (seen.select(0, i).item_long() != shown.select(0, i).item_long()) {
          mistakes.add((int) (start + i));
        }
      }
    }
  }
}
