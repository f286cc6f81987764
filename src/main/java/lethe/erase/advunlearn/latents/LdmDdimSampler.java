package lethe.erase.advunlearn.latents;

import java.util.ArrayList;
import java.util.List;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The deterministic DDIM sampler (arXiv 2010.02502, eta 0) as AdvUnlearn drives CompVis's latent-diffusion: under
 * guidance, on a {@link DdimGrid}, interrupted at a stop. Latents stay in fp32 whatever the UNet computes in.
 */
public final class LdmDdimSampler {
  private final UNetPredictor predictor;
  private final DdimGrid grid;

  public LdmDdimSampler(UNetPredictor predictor, DdimGrid grid) {
    this.predictor = predictor;
    this.grid = grid;
  }

  /**
   * @param start standard normal latents, [B, C, h, w]
   * @param stop in [0, grid.stops())
   * @return the latents at {@code stop}, [B, C, h, w], owned by the current scope
   */
  public Tensor sample(Tensor start, Guidance guidance, int stop) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor latents = start;
      for (int index = 0; index < grid.stepsUntil(stop); index++) {
        Tensor next = step(latents, guidance, index);
        if (index > 0) {
          latents.close();
        }
        latents = next;
      }
      return scope.keep(latents);
    }
  }

  /**
   * One whole run with all its stops: for the price of the longest.
   *
   * @return the latents at every stop, by stop, each [B, C, h, w]; owned by the current scope
   */
  public List<Tensor> trajectory(Tensor start, Guidance guidance) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard()) {
      List<Tensor> afterSteps = new ArrayList<>(List.of(start));
      for (int index = 0; index < grid.steps(); index++) {
        afterSteps.add(step(afterSteps.get(index), guidance, index));
      }
      List<Tensor> stops = new ArrayList<>();
      for (int stop = 0; stop < grid.stops(); stop++) {
        stops.add(scope.keep(afterSteps.get(grid.stepsUntil(stop))));
      }
      return stops;
    }
  }

  private Tensor step(Tensor latents, Guidance guidance, int index) {
    try (Scope scope = new Scope()) {
      Tensor output = predictor.predict(latents, grid.timestep(index), guidance);
      float alpha = grid.alpha(index);
      float alphaNext = grid.alphaNext(index);
      Scalar signal = root(alpha);
      Scalar noise = root(1 - alpha);
      Tensor epsilon;
      Tensor clean;
      switch (grid.schedule().predictionType()) {
        case EPSILON -> {
          epsilon = output;
          clean = latents.sub(output.mul(noise)).div(signal);
        }
        case V_PREDICTION -> {
          epsilon = output.mul(signal).add(latents.mul(noise));
          clean = latents.mul(signal).sub(output.mul(noise));
        }
        case SAMPLE -> {
          epsilon = latents.sub(output.mul(signal)).div(noise);
          clean = output;
        }
        default -> throw new AssertionError(grid.schedule().predictionType());
      }
      return scope.keep(clean.mul(root(alphaNext)).add(epsilon.mul(root(1 - alphaNext))));
    }
  }

  private static Scalar root(float value) {
    return new Scalar((float) Math.sqrt(value));
  }
}
