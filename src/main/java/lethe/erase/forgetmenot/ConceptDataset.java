package lethe.erase.forgetmenot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lethe.image.ImageFile;
import lethe.image.ImageFolder;
import lethe.image.ImageResize;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.NoiseSchedule;
import lethe.model.vae.LatentDistribution;
import lethe.profile.PhaseEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The images of all concepts, pooled and shuffled, as batches of noisy latents.
 *
 * <p>Text encoder and VAE are frozen, so each prompt is encoded once, and each image too unless its crop is random. One
 * generator, seeded once, draws everything: order, crops, posterior samples, noise and timesteps. Owns its tensors.
 */
final class ConceptDataset implements AutoCloseable {
  /**
   * One step's input.
   *
   * @param noisyLatents [B, C, h, w]
   * @param timesteps int64 [B]
   * @param context [B, T, D]
   * @param columns uint8 [B, T]
   */
  record Batch(Tensor noisyLatents, Tensor timesteps, Tensor context, Tensor columns) {}

  /** A concept's prompt as the UNet sees it: context [1, T, D], columns uint8 [1, T]. */
  private record Prompt(Tensor context, Tensor columns) {}

  /** An image under its concept's prompt; image [3, H, W] with the shorter side at the training resolution. */
  private record Example(Tensor image, Prompt prompt) {}

  private final StableDiffusion model;
  private final ForgetMeNotSettings settings;
  private final NoiseSchedule schedule;
  private final Generator generator;
  private final List<Example> examples = new ArrayList<>();
  private final List<Tensor> owned = new ArrayList<>();
  private final Map<Example, LatentDistribution> posteriors = new HashMap<>();
  private final List<Integer> order = new ArrayList<>();

  /**
   * Reads all images and encodes all prompts.
   *
   * @throws lethe.error.UserException if a folder is empty, an image cannot be read, or a concept's tokens do not occur
   *     in its prompt
   */
  ConceptDataset(StableDiffusion model, List<Concept> concepts, ForgetMeNotSettings settings) {
    this.model = model;
    this.settings = settings;
    this.schedule = NoiseSchedule.of(model.schedulerConfig());
    this.generator = Scope.own(torch.make_generator_cpu(settings.seed()));
    try (Scope scope = new Scope()) {
      for (Concept concept : concepts) {
        Prompt prompt = prompt(concept);
        if (concept.images() == null) {
          examples.add(new Example(null, prompt));
        } else {
          for (Path file : ImageFolder.list(concept.images())) {
            examples.add(new Example(own(ImageResize.shorterSide(ImageFile.read(file), settings.resolution())), prompt));
          }
        }
      }
    }
  }

  private Prompt prompt(Concept concept) {
    boolean[] positions = ConceptPositions.find(model.tokenizer(), concept, settings.usePooler());
    Tensor columns = model.device().place(Tensor.create(positions, 1, positions.length).to(torch.ScalarType.Byte));
    return new Prompt(own(model.encodePrompts(List.of(concept.prompt()))), own(columns));
  }

  private Tensor own(Tensor tensor) {
    owned.add(Scope.own(tensor));
    return tensor;
  }

  /** The next images in shuffled order; every image is drawn once before any is drawn again. */
  Batch next() {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      TensorVector latents = new TensorVector();
      TensorVector contexts = new TensorVector();
      TensorVector columns = new TensorVector();
      int size = Math.min(settings.trainBatchSize(), examples.size());
      for (int i = 0; i < size; i++) {
        Example example = draw();
        latents.push_back(latent(example));
        contexts.push_back(example.prompt().context());
        columns.push_back(example.prompt().columns());
      }
      Tensor clean = torch.cat(latents, 0);
      Tensor noise = model.device().place(torch.randn(clean.shape(), new GeneratorOptional(generator)));
      Tensor timesteps =
          torch.randint(schedule.trainTimesteps(), new long[] {size}, new GeneratorOptional(generator))
              .to(torch.ScalarType.Long);
      return new Batch(
          scope.keep(schedule.addNoise(clean, noise, model.device().place(timesteps))),
          scope.keep(model.device().place(timesteps)),
          scope.keep(torch.cat(contexts, 0)),
          scope.keep(torch.cat(columns, 0)));
    }
  }

  private Example draw() {
    if (order.isEmpty()) {
      Tensor permutation = torch.randperm(examples.size(), new GeneratorOptional(generator));
      for (int i = 0; i < examples.size(); i++) {
        order.add((int) permutation.select(0, i).item_long());
      }
    }
    return examples.get(order.remove(order.size() - 1));
  }

  /** [1, C, h, w], times the scaling factor. */
  private Tensor latent(Example example) {
    if (settings.noRealImage()) {
      long side = settings.resolution() / model.vae().config().downsamplingFactor();
      return model.device().place(torch.zeros(1, model.vae().config().latentChannels(), side, side));
    }
    return posterior(example).sample(generator).mul(new Scalar(model.vae().config().scalingFactor()));
  }

  private LatentDistribution posterior(Example example) {
    Tensor image = example.image();
    boolean square = image.size(1) == image.size(2);
    if (square || settings.centerCrop()) {
      return posteriors.computeIfAbsent(
          example,
          e -> {
            LatentDistribution encoded = encode(ImageResize.centerCrop(image, settings.resolution()));
            own(encoded.mean());
            own(encoded.logVariance());
            return encoded;
          });
    }
    return encode(ImageResize.randomCrop(image, settings.resolution(), generator));
  }

  private LatentDistribution encode(Tensor image) {
    try (PhaseEvent phase = PhaseEvent.of("encode images")) {
      return model.vae().encode(model.device().place(image.unsqueeze(0)));
    }
  }

  @Override
  public void close() {
    owned.forEach(Tensor::releaseReference);
    generator.releaseReference();
  }
}
