package lethe.erase.advunlearn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import lethe.attack.AttackSample;
import lethe.attack.AttackedPrompt;
import lethe.attack.EmbeddingAttack;
import lethe.erase.advunlearn.latents.ErasingLatents;
import lethe.erase.advunlearn.latents.LatentSource;
import lethe.erase.advunlearn.latents.RetainLatents;
import lethe.error.UserException;
import lethe.kernel.PgdLoop;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.profile.PhaseEvent;
import lethe.profile.StepEvent;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * AdvUnlearn (arXiv 2405.15234): makes a model forget concepts so that an attack on the prompt does not bring them
 * back.
 *
 * <p>Each iteration finds the adversarial embedding that is worst for the weights as they are, then moves the weights
 * one step against it. Trains the model in place. Given the same sources, settings and number of threads, a run that
 * was saved and goes on ends with the same bits as one that was never interrupted.
 */
public final class AdvUnlearn implements AutoCloseable {
  private final AdvUnlearnSettings settings;
  private final List<LatentSource> sources;
  private final List<AttackedPrompt> prompts = new ArrayList<>();
  private final EmbeddingAttack attack;
  private final OuterStep outer;
  private final TrainingState state;
  private final List<Iteration> history = new ArrayList<>();
  private Tensor adversarial; // [1, k, D]; null before the first attack

  /**
   * @param sources one for each concept; the first one's retain prompts are used. They stay the caller's, and must have
   *     been made before any training
   * @param model what tells the original weights from others, such as a hash; a run goes on from its own only
   * @throws UserException if a concept does not fit its place, or no parameter is to be trained
   */
  public AdvUnlearn(
      StableDiffusion diffusion,
      String model,
      List<LatentSource> sources,
      AdvUnlearnSettings settings,
      Provider provider) {
    if (sources.size() != settings.concepts().size()) {
      throw new IllegalArgumentException(
          settings.concepts().size() + " concepts need as many latent sources, got " + sources.size());
    }
    this.settings = settings;
    this.sources = List.copyOf(sources);
    TrainedParts parts = TrainedParts.of(diffusion, settings);
    for (String concept : settings.concepts()) {
      prompts.add(new AttackedPrompt(diffusion, concept, settings.attack()));
    }
    attack = new EmbeddingAttack(diffusion.unet(), settings.attack(), provider);
    outer = new OuterStep(diffusion, parts, settings, provider);
    Map<String, String> identity = new TreeMap<>(settings.fields());
    identity.put("model", model);
    state = new TrainingState(parts.parameters().keySet(), outer.adam(), identity);
  }

  /**
   * Goes on where {@code file} was saved.
   *
   * @throws UserException if it cannot be read, or was saved by a run with other settings or another model
   */
  public void resume(Path file) {
    try (Scope scope = new Scope()) {
      TrainingState.Restored restored = state.restore(file);
      setAdversarial(restored.adversarial());
      history.clear();
      history.addAll(restored.history());
    }
  }

  /** How many iterations are made, with those before a resumption. */
  public int iterationsMade() {
    return history.size();
  }

  /** Saves the run as it is between two iterations; replaces {@code file}. */
  public void save(Path file) {
    state.save(file, adversarial, history);
  }

  /**
   * Runs until all iterations are made, or the listener ends it.
   *
   * @param stateFile where the run is saved at intervals, when it is cancelled, and before it fails; null for nowhere
   * @return all iterations, with those before a resumption
   * @throws UserException if a loss or gradient stops being finite: says where, and leaves the weights as the last step
   *     that was finite made them
   */
  public List<Iteration> run(Path stateFile, RunListener listener) {
    boolean goOn = true;
    while (goOn && history.size() < settings.iterations()) {
      goOn = !listener.cancelled() && iterate(stateFile, listener);
      boolean due = history.size() % settings.saveInterval() == 0 && history.size() < settings.iterations();
      if (stateFile != null && (due || !goOn)) {
        save(stateFile);
      }
    }
    return List.copyOf(history);
  }

  private boolean iterate(Path stateFile, RunListener listener) {
    int index = history.size();
    try (Scope scope = new Scope();
        StepEvent event = StepEvent.of(StepEvent.TRAINING, index + 1)) {
      Iteration iteration = iteration(index, listener);
      history.add(iteration);
      listener.afterIteration(iteration);
      return true;
    } catch (CancellationException e) {
      return false;
    } catch (UserException e) {
      String saved = "";
      if (stateFile != null && index > 0) {
        save(stateFile);
        saved = "; %s is the state before: --resume it with --iterations %d to write its checkpoint"
            .formatted(stateFile, index);
      }
      throw UserException.failed("iteration " + (index + 1) + ": " + e.getMessage() + saved, e);
    }
  }

  private Iteration iteration(int index, RunListener listener) {
    int renewedAt = index - index % settings.advPromptUpdateStep();
    int concept = random("concept", renewedAt).nextInt(prompts.size());
    LatentSource source = sources.get(concept);
    LatentSource retainSource = sources.get(0);
    if (settings.bankRenewInterval() > 0) {
      sources.forEach(each -> each.renew(index / settings.bankRenewInterval()));
    }
    AttackedPrompt prompt = prompts.get(concept);
    int retainSteps = settings.retainTrain() == RetainTrain.ITER ? settings.retainStep() : 0;
    int attackSteps = settings.attack().attackStep();
    long firstDraw = (long) index * (attackSteps + 1 + retainSteps);

    boolean attacked = index >= settings.warmupIter();
    Attacked found = new Attacked(adversarial, Double.NaN);
    if (attacked && (index == renewedAt || adversarial == null)) {
      found = attack(index, prompt, source, firstDraw, listener);
    }
    Tensor worst = found.adversarial();
    long draw = firstDraw + attackSteps;
    ErasingLatents erasing;
    RetainLatents regularizing = null;
    try (PhaseEvent phase = PhaseEvent.of("sample latents")) {
      erasing = source.erasing(draw);
      if (settings.retainTrain() == RetainTrain.REG) {
        regularizing = retainSource.retain(draw, index);
      }
    }
    OuterStep.Losses losses =
        outer.erase(
            pass -> attacked ? prompt.context(worst, pass) : prompt.context(pass),
            erasing,
            regularizing);
    double retainLoss = losses.retain();
    for (int step = 0; step < retainSteps; step++) {
      RetainLatents retained;
      try (PhaseEvent phase = PhaseEvent.of("sample latents")) {
        retained = retainSource.retain(draw + 1 + step, (long) index * retainSteps + step);
      }
      retainLoss = outer.retain(retained);
    }
    setAdversarial(worst);
    return new Iteration(index + 1, found.loss(), losses.erasing(), retainLoss);
  }

  /** @param loss the attack's last */
  private record Attacked(Tensor adversarial, double loss) {}

  private Attacked attack(
      int index, AttackedPrompt prompt, LatentSource source, long firstDraw, RunListener listener) {
    EmbeddingAttack.Result result;
    try (PhaseEvent phase = PhaseEvent.of("attack")) {
      result =
          attack.run(
              prompt,
              start(index, prompt),
              step -> {
                ErasingLatents drawn = source.erasing(firstDraw + step);
                return new AttackSample(drawn.latents(), drawn.timesteps(), drawn.conditional());
              },
              listener::cancelled);
    }
    int steps = result.losses().size();
    if (result.stop() == PgdLoop.Stop.CANCELLED) {
      throw new CancellationException();
    }
    if (result.stop() == PgdLoop.Stop.NOT_FINITE) {
      throw UserException.failed(
          "the attack's loss or gradient is not finite at its step " + steps + "; lower --attack-lr");
    }
    // Quirk: the published code trains on the prompt that its last loss was taken on, one step behind the embedding.
    Tensor worst = settings.strict() ? result.lastEvaluated() : result.adversarial();
    return new Attacked(worst, result.losses().get(steps - 1));
  }

  private Tensor start(int index, AttackedPrompt prompt) {
    boolean latest = settings.attackInit() == AttackInit.LATEST && adversarial != null;
    // Where embeddings are added, another concept may need another number of rows.
    return latest && adversarial.size(1) == prompt.rows()
        ? prompt.startAt(adversarial, settings.strict())
        : prompt.randomStart(random("start", index));
  }

  private void setAdversarial(Tensor embedding) {
    Tensor before = adversarial;
    adversarial = embedding == null ? null : Scope.own(embedding);
    if (before != null) {
      before.releaseReference();
    }
  }

  /** A stream of its own for each purpose and iteration, so that a resumed run draws what an uninterrupted one does. */
  private SplittableRandom random(String purpose, long index) {
    long mixed = new SplittableRandom(settings.seed() * 31 + purpose.hashCode()).nextLong();
    return new SplittableRandom(new SplittableRandom(mixed ^ index).nextLong());
  }

  @Override
  public void close() {
    setAdversarial(null);
    prompts.forEach(AttackedPrompt::close);
    outer.close();
  }
}
