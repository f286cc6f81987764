package lethe.erase.advunlearn.latents;

import java.util.List;
import java.util.SplittableRandom;
import lethe.model.StableDiffusion;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Draws trajectories. The same seed, prompt and number give the same trajectory, whatever was drawn before. */
final class TrajectorySampler {
  private final UNetPredictor predictor;
  private final DdimGrid grid;
  private final LdmDdimSampler sampler;
  private final PromptContexts contexts;
  private final double guidanceScale;
  private final long[] latentShape; // [C, h, w]
  private final Seeds seeds;

  TrajectorySampler(
      UNetPredictor predictor,
      DdimGrid grid,
      PromptContexts contexts,
      double guidanceScale,
      long[] latentShape,
      Seeds seeds) {
    this.predictor = predictor;
    this.grid = grid;
    this.sampler = new LdmDdimSampler(predictor, grid);
    this.contexts = contexts;
    this.guidanceScale = guidanceScale;
    this.latentShape = latentShape;
    this.seeds = seeds;
  }

  /** Shape of one latent, [C, h, w], for square images of a side of {@code imageSize} pixels. */
  static long[] latentShape(StableDiffusion model, int imageSize) {
    long side = imageSize / model.vae().config().downsamplingFactor();
    return new long[] {model.unet().config().inChannels(), side, side};
  }

  /** What one trajectory costs, in latents that go through the UNet. */
  long forwards(TrajectoryKey key) {
    return (guidanceScale == 1 ? 1L : 2L) * grid.steps() + (key.kind().isErasing() ? 2L : 1L) * grid.stops();
  }

  /** A trajectory on the CPU, which has more room than a GPU; owned by the current scope. */
  Trajectory draw(TrajectoryKey key) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor context = contexts.of(key.prompt());
      String stream = key.kind() + " " + key.prompt();
      Tensor noise = seeds.normal(stream, key.number(), 1, latentShape[0], latentShape[1], latentShape[2]);
      Tensor start = predictor.device().place(noise);
      Guidance guidance = new Guidance(context, contexts.empty(), guidanceScale);
      Tensor latents = torch.cat(vector(sampler.trajectory(start, guidance)), 0);
      Tensor timesteps = timesteps(seeds.random(stream, key.number()));
      return new Trajectory(
          scope.keep(timesteps),
          scope.keep(Device.CPU.place(latents)),
          scope.keep(predict(latents, timesteps, context)),
          key.kind().isErasing() ? scope.keep(predict(latents, timesteps, contexts.empty())) : null);
    }
  }

  private Tensor timesteps(SplittableRandom random) {
    long[] timesteps = new long[grid.stops()];
    for (int stop = 0; stop < timesteps.length; stop++) {
      timesteps[stop] = Draws.timestep(grid, stop, random);
    }
    return Tensor.create(timesteps);
  }

  private Tensor predict(Tensor latents, Tensor timesteps, Tensor context) {
    try (Scope scope = new Scope()) {
      TensorVector parts = new TensorVector();
      for (long stop = 0; stop < latents.size(0); stop += BankSettings.BATCH) {
        long count = Math.min(BankSettings.BATCH, latents.size(0) - stop);
        Tensor prediction =
            predictor.predict(
                latents.narrow(0, stop, count), timesteps.narrow(0, stop, count), context.expand(count, -1, -1));
        parts.push_back(prediction.to(predictor.dtype().scalarType()));
      }
      return scope.keep(Device.CPU.place(torch.cat(parts, 0)));
    }
  }

  private static TensorVector vector(List<Tensor> tensors) {
    TensorVector vector = new TensorVector();
    tensors.forEach(vector::push_back);
    return vector;
  }
}
