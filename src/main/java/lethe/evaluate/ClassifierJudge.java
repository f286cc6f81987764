package lethe.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import lethe.attack.judge.ConceptJudge;
import lethe.model.classifier.ClassifierConfig;
import lethe.model.classifier.ConceptClassifier;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Judges by a trained classifier, which may also say that a picture shows none of its concepts. Owns it. */
public final class ClassifierJudge implements ConceptJudge, AutoCloseable {
  /** In the place of a concept where there is none; no concept is called so. */
  public static final String NO_CONCEPT = "(none)";

  private final ConceptClassifier classifier;
  private final ClassifierConfig config;

  private ClassifierJudge(ConceptClassifier classifier) {
    this.classifier = classifier;
    this.config = classifier.config();
  }

  /** @throws lethe.error.UserException if the folder holds no whole classifier */
  public static ClassifierJudge load(Path folder) {
    return new ClassifierJudge(ConceptClassifier.load(folder));
  }

  /** In the order of the data set it was trained on; {@link #NO_CONCEPT} is not one of them. */
  @Override
  public Set<String> concepts() {
    return new LinkedHashSet<>(config.concepts());
  }

  /** In the order of the data set it was trained on. */
  public Set<String> styles() {
    return new LinkedHashSet<>(config.styles());
  }

  /**
   * A concept as prompts name it: {@code a church}.
   *
   * @throws IllegalArgumentException if it is not one of {@link #concepts()}
   */
  public String phrase(String concept) {
    int index = config.concepts().indexOf(concept);
    if (index < 0) {
      throw new IllegalArgumentException("the judge does not know \"" + concept + "\"");
    }
    return config.phrases().get(index);
  }

  @Override
  public Verdict judge(Tensor image) {
    try (Scope scope = new Scope()) {
      Judgement judgement = judgeAll(image.unsqueeze(0)).get(0);
      return new Verdict(judgement.concept(), judgement.conceptScore());
    }
  }

  /**
   * @param images [B, 3, H, W], about [-1, 1]; of another size than the classifier's they are scaled
   * @return B judgements
   */
  public List<Judgement> judgeAll(Tensor images) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      ConceptClassifier.Logits logits = classifier.forward(fitted(images));
      Tensor concepts = torch.softmax(logits.concept(), 1);
      Tensor styles = torch.softmax(logits.style(), 1);
      List<Judgement> judgements = new ArrayList<>();
      for (long i = 0; i < images.size(0); i++) {
        Tensor concept = concepts.select(0, i);
        Tensor style = styles.select(0, i);
        int bestConcept = (int) concept.argmax().item_long();
        int bestStyle = (int) style.argmax().item_long();
        judgements.add(
            new Judgement(
                bestConcept == config.noConcept() ? NO_CONCEPT : config.concepts().get(bestConcept),
                concept.select(0, bestConcept).item_double(),
                config.styles().get(bestStyle),
                style.select(0, bestStyle).item_double()));
      }
      return judgements;
    }
  }

  /** Of the classifier's size, within [-1, 1], on the CPU. */
  private Tensor fitted(Tensor images) {
    int side = config.sampleSize();
    Tensor x = Device.CPU.place(images.detach()).to(torch.ScalarType.Float);
    if (x.size(2) > side && x.size(3) > side) {
      x = torch.adaptive_avg_pool2d(x, side, side);
    } else if (x.size(2) != side || x.size(3) != side) {
      x = torch.upsample_bilinear2d(x, new long[] {side, side}, false);
    }
    return x.clamp(new ScalarOptional(new Scalar(-1)), new ScalarOptional(new Scalar(1)));
  }

  @Override
  public void close() {
    classifier.close();
  }
}
