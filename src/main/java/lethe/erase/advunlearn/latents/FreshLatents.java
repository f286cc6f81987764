package lethe.erase.advunlearn.latents;

import java.util.Arrays;
import java.util.List;
import lethe.model.StableDiffusion;
import lethe.model.scheduler.NoiseSchedule;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The published way: every draw runs the sampler anew, with the UNet as it is now.
 *
 * <p>Prompts are encoded when this is made, by the text encoder as it is then: make it before training.
 */
public final class FreshLatents implements LatentSource {
  private final LatentSettings settings;
  private final DdimGrid grid;
  private final Draws draws;
  private final LdmDdimSampler sampler;
  private final UNetPredictor frozen;
  private final PromptContexts contexts;
  private final long[] latentShape; // [C, h, w]

  /**
   * @param current the UNet that samples: the model's own, which may be in training
   * @param frozen the UNet that predicts: the original; the same if no UNet is trained
   */
  public FreshLatents(
      StableDiffusion model, UNetPredictor current, UNetPredictor frozen, LatentSettings settings) {
    this.settings = settings;
    this.frozen = frozen;
    grid = new DdimGrid(NoiseSchedule.of(model.schedulerConfig()), settings.ddimSteps());
    draws = new Draws(settings, grid);
    sampler = new LdmDdimSampler(current, grid);
    latentShape = TrajectorySampler.latentShape(model, settings.imageSize());
    contexts = new PromptContexts(model, settings.concept(), settings.retainPrompts());
  }

  @Override
  public ErasingLatents erasing(long draw) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor context = contexts.of(settings.concept());
      Tensor latents = scope.keep(sample("erasing", draw, context));
      Tensor timesteps = scope.keep(Tensor.create((long) draws.timestep(draw)));
      return new ErasingLatents(
          latents,
          timesteps,
          scope.keep(frozen.predict(latents, timesteps, contexts.empty())),
          scope.keep(frozen.predict(latents, timesteps, context)));
    }
  }

  @Override
  public RetainLatents retain(long draw, long batch) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      List<String> prompts =
          Arrays.stream(draws.batch(batch)).mapToObj(index -> settings.retainPrompts().get(index)).toList();
      Tensor context = contexts.of(prompts);
      Tensor latents = scope.keep(sample("retain", draw, context));
      Tensor timesteps =
          scope.keep(Tensor.create((long) draws.timestep(draw)).expand(prompts.size()).contiguous());
      return new RetainLatents(
          latents, timesteps, prompts, scope.keep(frozen.predict(latents, timesteps, context)));
    }
  }

  private Tensor sample(String stream, long draw, Tensor context) {
    long batch = context.size(0);
    Tensor noise = draws.seeds().normal(stream, draw, batch, latentShape[0], latentShape[1], latentShape[2]);
    Tensor start = frozen.device().place(noise);
    Guidance guidance = new Guidance(context, contexts.empty(), settings.startGuidance());
    return sampler.sample(start, guidance, draws.stop(draw));
  }

  @Override
  public void close() {
    contexts.close();
  }
}
