package lethe.erase.advunlearn.latents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A bank draws what fresh sampling draws: at every stop the moments of timesteps, latents and predictions agree, within
 * five standard errors of their difference.
 */
@Tag("slow")
class LatentDistributionTest {
  private static final int STOPS = 4;
  private static final int DRAWS = 200;
  private static final int TRAJECTORIES = 50;
  private static final double STANDARD_ERRORS = 5;

  /** One number for each moment, of one draw. */
  private record Moments(int stop, double[] values) {
    static Moments of(Tensor timesteps, Tensor latents, Tensor... predictions) {
      try (Scope scope = new Scope()) {
        double t = timesteps.item_long();
        List<Double> values = new ArrayList<>(List.of(t, mean(latents), mean(latents.mul(latents))));
        for (Tensor prediction : predictions) {
          values.add(mean(prediction.mul(prediction)));
          values.add(mean(prediction.mul(latents)));
        }
        return new Moments(
            (int) t * STOPS / 1000, values.stream().mapToDouble(Double::doubleValue).toArray());
      }
    }

    private static double mean(Tensor tensor) {
      return tensor.mean().item_double();
    }
  }

  @Test
  void momentsAgreeAtEveryStop() {
    LatentSettings settings = new LatentSettings("church", List.of("a photo of dog"), 1, 3, STOPS, 64, 1);
    try (Scope scope = new Scope();
        StableDiffusion model = LatentFixtures.tinyModel();
        LatentBank bank =
            new LatentBank(
                model, settings, new BankSettings(null, null, TRAJECTORIES, TRAJECTORIES, 2), (done, total) -> true);
        FreshLatents fresh =
            new FreshLatents(model, new UNetPredictor(model.unet()), new UNetPredictor(model.unet()), settings)) {
      bank.fill();
      assertSameMoments("erasing", draw -> erasing(fresh, draw), draw -> erasing(bank, draw));
      assertSameMoments("retain", draw -> retain(fresh, draw), draw -> retain(bank, draw));
    }
  }

  private static Moments erasing(LatentSource source, long draw) {
    try (Scope scope = new Scope()) {
      ErasingLatents drawn = source.erasing(draw);
      return Moments.of(drawn.timesteps(), drawn.latents(), drawn.conditional(), drawn.unconditional());
    }
  }

  private static Moments retain(LatentSource source, long draw) {
    try (Scope scope = new Scope()) {
      RetainLatents drawn = source.retain(draw, draw);
      return Moments.of(drawn.timesteps(), drawn.latents(), drawn.predictions());
    }
  }

  private static void assertSameMoments(String what, LongFunction<Moments> fresh, LongFunction<Moments> bank) {
    List<List<double[]>> freshByStop = byStop(fresh, 0);
    // Other draw numbers: the two must not share their choice of stops.
    List<List<double[]>> bankByStop = byStop(bank, DRAWS);
    for (int stop = 0; stop < STOPS; stop++) {
      int moments = freshByStop.get(stop).get(0).length;
      for (int i = 0; i < moments; i++) {
        int moment = i;
        double[] a = freshByStop.get(stop).stream().mapToDouble(values -> values[moment]).toArray();
        double[] b = bankByStop.get(stop).stream().mapToDouble(values -> values[moment]).toArray();
        // Draws of a bank repeat: no more of them are independent than there are trajectories.
        double error = Math.sqrt(variance(a) / a.length + variance(b) / Math.min(b.length, TRAJECTORIES));
        double difference = Math.abs(mean(a) - mean(b));
        String where =
            "%s, stop %d, moment %d: %g and %g, standard error %g"
                .formatted(what, stop, i, mean(a), mean(b), error);
        assertTrue(error > 0 && difference <= STANDARD_ERRORS * error, where);
      }
    }
  }

  private static List<List<double[]>> byStop(LongFunction<Moments> source, long first) {
    List<List<double[]>> byStop = new ArrayList<>();
    for (int stop = 0; stop < STOPS; stop++) {
      byStop.add(new ArrayList<>());
    }
    for (long draw = first; draw < first + DRAWS; draw++) {
      Moments moments = source.apply(draw);
      byStop.get(moments.stop()).add(moments.values());
    }
    byStop.forEach(draws -> assertEquals((double) DRAWS / STOPS, draws.size(), DRAWS / 8.0, "stops are uniform"));
    return byStop;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum() / (values.length - 1);
  }
}
