package lethe.train.classifier;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import lethe.kernel.Provider;
import lethe.model.classifier.ClassifierConfig;
import lethe.model.classifier.ConceptClassifier;
import lethe.tensor.Scope;
import lethe.train.Draws;
import lethe.train.OptimizerSettings;
import lethe.train.TrainedWeights;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The training of a classifier, step by step. Owns its networks. */
public final class ClassifierTraining implements AutoCloseable {
  private static final double MAX_GRAD_NORM = 1;
  private static final int MEAN = 1;
  private static final long IGNORED = -100;

  private final ClassifierSettings settings;
  private final LabelledPictures pictures;
  private final ConceptClassifier network;
  private final ConceptClassifier average;
  private final TrainedWeights trained;

  /** @param pictures to train on; they stay the caller's */
  public ClassifierTraining(
      ClassifierConfig config, LabelledPictures pictures, ClassifierSettings settings, Provider provider) {
    this.settings = settings;
    this.pictures = pictures;
    network = ConceptClassifier.initial(config, settings.seed());
    average = ConceptClassifier.initial(config, settings.seed());
    trained =
        new OptimizerSettings(
                settings.rate(),
                settings.weightDecay(),
                MAX_GRAD_NORM,
                settings.emaDecay(),
                settings.batchSize(),
                settings.seed())
            .trained(
                "train classifier",
                Map.of("settings", settings.toString(), "data", config.datasetSha256()),
                network.parameters(),
                average.parameters(),
                provider);
  }

  /**
   * Saves all that {@link #resume} needs, in place of what {@code file} holds.
   *
   * @throws lethe.error.UserException if it cannot be written
   */
  public void save(Path file) {
    trained.save(file);
  }

  /**
   * Goes on where the training that saved {@code file} was: what follows is the same to the bit.
   *
   * @throws lethe.error.UserException if it is no saved state, or one of other settings or data
   */
  public void resume(Path file) {
    trained.resume(file);
  }

  /** The network with the moving average of the weights: what the training is for. Owned by this. */
  public ConceptClassifier average() {
    return average;
  }

  /** How many steps are done. */
  public int steps() {
    return (int) trained.steps();
  }

  /**
   * One step on a batch of its own.
   *
   * @return the loss before it
   * @throws lethe.error.UserException if it is not finite
   */
  public double step() {
    try (Scope scope = new Scope()) {
      Draws draws = new Draws(settings.seed(), steps());
      LabelledPictures.Batch batch = batch(draws);
      ConceptClassifier.Logits logits = network.forward(batch.images());
      Tensor loss =
          crossEntropy(logits.concept(), batch.concepts()).add(crossEntropy(logits.style(), batch.styles()));
      return trained.step(
          () -> {
            loss.backward();
            return loss.item_double();
          });
    }
  }

  private LabelledPictures.Batch batch(Draws draws) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      int without = settings.withoutConcept();
      LabelledPictures.Batch batch = pictures.take(draws.integers(pictures.size(), settings.batchSize() - without));
      if (without == 0) {
        return keep(scope, Augmentation.of(batch.images(), draws), batch.concepts(), batch.styles());
      }
      Tensor artwork = pictures.take(draws.integers(pictures.size(), without)).images();
      Tensor images = torch.cat(new TensorVector(batch.images(), NoConcept.from(artwork, draws)), 0);
      long[] noConcept = new long[without];
      long[] noStyle = new long[without];
      Arrays.fill(noConcept, network.config().noConcept());
      Arrays.fill(noStyle, IGNORED);
      return keep(
          scope,
          Augmentation.of(images, draws),
          torch.cat(new TensorVector(batch.concepts(), Tensor.create(noConcept)), 0),
          torch.cat(new TensorVector(batch.styles(), Tensor.create(noStyle)), 0));
    }
  }

  private static LabelledPictures.Batch keep(Scope scope, Tensor images, Tensor concepts, Tensor styles) {
    return new LabelledPictures.Batch(scope.keep(images), scope.keep(concepts), scope.keep(styles));
  }

  private Tensor crossEntropy(Tensor logits, Tensor targets) {
    return torch.cross_entropy_loss(
        logits, targets, new TensorOptional(), MEAN, IGNORED, settings.labelSmoothing());
  }

  @Override
  public void close() {
    trained.close();
    network.close();
    average.close();
  }
}
