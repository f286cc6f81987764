package lethe.erase.advunlearn.latents;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.NoiseSchedule;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Latents from trajectories that were sampled once, for a model whose UNet is not trained: then z_t and all frozen
 * predictions depend on frozen networks only, and a draw costs nothing.
 *
 * <p>Each draw takes a uniform trajectory at a uniform stop. A single draw is distributed as in fresh sampling; draws
 * of one bank share its trajectories, which {@link #renew} exchanges one by one.
 *
 * <p>Trajectories are held on the CPU; the latents and predictions of a draw lie on the UNet's device.
 *
 * <p>Prompts are encoded when this is made, by the text encoder as it is then: make it before training.
 */
public final class LatentBank implements LatentSource {
  private final LatentSettings settings;
  private final BankSettings size;
  private final FillListener listener;
  private final Draws draws;
  private final UNetPredictor predictor;
  private final PromptContexts contexts;
  private final TrajectorySampler sampler;
  private final TrajectoryFolder erasingFolder; // null in memory
  private final TrajectoryFolder retainFolder; // likewise
  private final Map<TrajectoryKey, Trajectory> held = new HashMap<>();
  private long generation;
  private long forwardsBefore; // the fill
  private long forwardsWanted; // of the fill

  /**
   * Opens a bank; {@link #fill} it before drawing.
   *
   * @param listener told of every UNet pass of a fill or renewal
   * @throws lethe.error.UserException if a folder holds a bank of another checkpoint, concept or settings, or no bank
   */
  public LatentBank(StableDiffusion model, LatentSettings settings, BankSettings size, FillListener listener) {
    this.settings = settings;
    this.size = size;
    this.listener = listener;
    predictor = new UNetPredictor(model.unet(), this::stops);
    erasingFolder =
        size.erasing() == null
            ? null
            : TrajectoryFolder.open(
                size.erasing(), BankIdentity.of(model, settings, size.seed(), settings.concept()));
    retainFolder =
        size.retain() == null || settings.retainPrompts().isEmpty()
            ? null
            : TrajectoryFolder.open(size.retain(), BankIdentity.of(model, settings, size.seed(), null));
    DdimGrid grid = new DdimGrid(NoiseSchedule.of(model.schedulerConfig()), settings.ddimSteps());
    draws = new Draws(settings, grid);
    contexts = new PromptContexts(model, settings.concept(), settings.retainPrompts());
    sampler =
        new TrajectorySampler(
            predictor,
            grid,
            contexts,
            settings.startGuidance(),
            TrajectorySampler.latentShape(model, settings.imageSize()),
            new Seeds(size.seed()));
  }

  /**
   * Makes every trajectory of the current generation available: those of the folders are reused, the others sampled and
   * saved. If the listener ends it, what is complete is kept, and filling again goes on from there, to the same bank.
   *
   * @throws lethe.error.UserException if a file is damaged, or cannot be written
   */
  public FillRecord fill() {
    long start = System.nanoTime();
    forwardsBefore = predictor.forwards();
    Set<TrajectoryKey> missing = wanted();
    missing.removeAll(held.keySet());
    int wanted = missing.size();
    missing.removeIf(this::load);
    int reused = wanted - missing.size();
    forwardsWanted = missing.stream().mapToLong(sampler::forwards).sum();
    int drawn = 0;
    boolean complete = true;
    try {
      for (TrajectoryKey key : missing) {
        sample(key);
        drawn++;
      }
    } catch (CancellationException e) {
      complete = false;
    }
    return new FillRecord(
        complete, drawn, reused, predictor.forwards() - forwardsBefore, (System.nanoTime() - start) / 1e9);
  }

  /**
   * {@inheritDoc}
   *
   * @throws CancellationException if the listener ends it
   */
  @Override
  public void renew(long newGeneration) {
    generation = newGeneration;
    Set<TrajectoryKey> wanted = wanted();
    held.entrySet()
        .removeIf(
            entry -> {
              boolean old = !wanted.contains(entry.getKey());
              if (old) {
                entry.getValue().release();
              }
              return old;
            });
    if (!held.keySet().containsAll(wanted) && !fill().complete()) {
      throw new CancellationException();
    }
  }

  private boolean stops() {
    return !listener.beforeForward(predictor.forwards() - forwardsBefore, forwardsWanted);
  }

  /** The trajectories of this generation, the concept's first. */
  private Set<TrajectoryKey> wanted() {
    Set<TrajectoryKey> keys = new LinkedHashSet<>();
    for (int i = 0; i < size.trajectories(); i++) {
      keys.add(erasingKey(i));
    }
    for (int prompt = 0; prompt < settings.retainPrompts().size(); prompt++) {
      for (int i = 0; i < size.retainTrajectories(); i++) {
        keys.add(retainKey(prompt, i));
      }
    }
    return keys;
  }

  private TrajectoryKey erasingKey(int index) {
    return new TrajectoryKey(TrajectoryKey.Kind.ERASING, settings.concept(), generation + index);
  }

  private TrajectoryKey retainKey(int prompt, int index) {
    int prompts = settings.retainPrompts().size();
    long renewals = (generation + prompts - 1 - prompt) / prompts; // of this prompt: they take turns
    return new TrajectoryKey(
        TrajectoryKey.Kind.RETAIN, settings.retainPrompts().get(prompt), renewals + index);
  }

  private Optional<TrajectoryFolder> folder(TrajectoryKey key) {
    return Optional.ofNullable(key.kind().isErasing() ? erasingFolder : retainFolder);
  }

  private boolean load(TrajectoryKey key) {
    try (Scope scope = new Scope()) {
      Optional<Trajectory> saved = folder(key).flatMap(folder -> folder.load(key));
      saved.ifPresent(trajectory -> held.put(key, trajectory.own()));
      return saved.isPresent();
    }
  }

  private void sample(TrajectoryKey key) {
    try (Scope scope = new Scope()) {
      Trajectory trajectory = sampler.draw(key);
      Optional<TrajectoryFolder> folder = folder(key);
      folder.ifPresent(f -> f.save(key, trajectory));
      // What is saved is mapped from its file, which the system may drop from memory.
      held.put(key, folder.flatMap(f -> f.load(key)).orElse(trajectory).own());
    }
  }

  private Trajectory get(TrajectoryKey key) {
    Trajectory trajectory = held.get(key);
    if (trajectory == null) {
      throw new IllegalStateException("the latent bank is not filled");
    }
    return trajectory;
  }

  @Override
  public ErasingLatents erasing(long draw) {
    try (Scope scope = new Scope()) {
      int index = draws.seeds().random("trajectory", draw).nextInt(size.trajectories());
      Trajectory trajectory = get(erasingKey(index));
      long stop = draws.stop(draw);
      return new ErasingLatents(
          scope.keep(placed(trajectory.latents().narrow(0, stop, 1))),
          scope.keep(trajectory.timesteps().narrow(0, stop, 1)),
          scope.keep(placed(fp32(trajectory.unconditional().narrow(0, stop, 1)))),
          scope.keep(placed(fp32(trajectory.conditional().narrow(0, stop, 1)))));
    }
  }

  @Override
  public RetainLatents retain(long draw, long batch) {
    try (Scope scope = new Scope()) {
      SplittableRandom random = draws.seeds().random("retain trajectory", draw);
      long stop = draws.stop(draw);
      List<String> prompts = new ArrayList<>();
      TensorVector latents = new TensorVector();
      TensorVector timesteps = new TensorVector();
      TensorVector predictions = new TensorVector();
      for (int prompt : draws.batch(batch)) {
        Trajectory trajectory = get(retainKey(prompt, random.nextInt(size.retainTrajectories())));
        prompts.add(settings.retainPrompts().get(prompt));
        latents.push_back(trajectory.latents().narrow(0, stop, 1));
        timesteps.push_back(trajectory.timesteps().narrow(0, stop, 1));
        predictions.push_back(fp32(trajectory.conditional().narrow(0, stop, 1)));
      }
      return new RetainLatents(
          scope.keep(placed(torch.cat(latents, 0))),
          scope.keep(torch.cat(timesteps, 0)),
          prompts,
          scope.keep(placed(torch.cat(predictions, 0))));
    }
  }

  private Tensor placed(Tensor tensor) {
    return predictor.device().place(tensor);
  }

  private static Tensor fp32(Tensor tensor) {
    return tensor.to(DType.F32.scalarType());
  }

  @Override
  public void close() {
    held.values().forEach(Trajectory::release);
    held.clear();
    contexts.close();
  }
}
