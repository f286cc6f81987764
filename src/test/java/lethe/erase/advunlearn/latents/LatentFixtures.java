package lethe.erase.advunlearn.latents;

import java.nio.file.Path;
import lethe.GoldenSets;
import lethe.checkpoint.Checkpoint;
import lethe.model.StableDiffusion;
import lethe.tensor.DType;
import lethe.tensor.Device;

/** The smallest model there is. */
final class LatentFixtures {
  private LatentFixtures() {}

  static StableDiffusion tinyModel() {
    return tinyModel(DType.F32);
  }

  static StableDiffusion tinyModel(DType unetType) {
    return StableDiffusion.load(Checkpoint.open(tinyCheckpoint()), unetType, Device.CPU);
  }

  private static Path tinyCheckpoint() {
    return GoldenSets.pipelines().filter(path -> path.endsWith("sd1-tiny")).findFirst().orElseThrow();
  }
}
