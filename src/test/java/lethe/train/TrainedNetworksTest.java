package lethe.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.Checkpoint;
import lethe.dataset.EmojiDataset;
import lethe.dataset.Split;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.model.vae.Vae;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import lethe.train.diffusion.DiffusionSettings;
import lethe.train.diffusion.DiffusionTraining;
import lethe.train.vae.VaeTraining;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VAE, and a UNet with its text encoder, of a golden model's sizes, trained on four pictures. */
class TrainedNetworksTest {
  private static final int SIDE = 64;
  private static final Checkpoint LIKE = Checkpoint.open(Path.of("src/test/resources/golden/sd1-tiny"));
  private static final Map<String, String> IDENTITY = Map.of("seed", "3");

  @TempDir Path folder;
  private EmojiDataset dataset;
  private Path out;
  private Path state;

  @BeforeEach
  void writeDataset() throws IOException {
    FourPictures.write(folder, SIDE);
    dataset = EmojiDataset.read(folder);
    out = folder.resolve("out");
    state = folder.resolve("state.safetensors");
  }

  private static OptimizerSettings settings(double rate) {
    return new OptimizerSettings(new LearningRate(LearningRate.Shape.CONSTANT, rate, 2, 100), 0.01, 1, 0.9, 4, 3);
  }

  private TrainingImages images() {
    return new TrainingImages(dataset, dataset.entries(Split.TRAIN));
  }

  private VaeTraining vae(TrainingImages images) {
    return new VaeTraining(LIKE, images, settings(1e-2), IDENTITY, Provider.choose());
  }

  private DiffusionTraining diffusion(boolean freezeTextEncoder, Provider provider) {
    return diffusion(freezeTextEncoder, DType.F32, provider);
  }

  private DiffusionTraining diffusion(boolean freezeTextEncoder, DType unetType, Provider provider) {
    return diffusion(new DiffusionSettings(freezeTextEncoder, unetType, 1), provider);
  }

  private DiffusionTraining diffusion(DiffusionSettings diffusion, Provider provider) {
    return new DiffusionTraining(LIKE, dataset, diffusion, settings(3e-3), IDENTITY, provider);
  }

  private static double mean(Training training, int steps) {
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      sum += training.step();
    }
    return sum / steps;
  }

  private void assertGoesOnToTheBit(Training whole, Training resumed) {
    mean(whole, 2);
    whole.save(state);
    resumed.resume(state);
    assertEquals(2, resumed.steps());
    for (int i = 0; i < 2; i++) {
      assertEquals(whole.step(), resumed.step());
    }
  }

  @Test
  void theVaeLearnsAndItsLatentsHaveUnitDeviation() {
    try (TrainingImages images = images();
        VaeTraining training = vae(images)) {
      double before = mean(training, 3);
      mean(training, 24);
      double after = mean(training, 3);
      assertTrue(after < 0.7 * before, before + " to " + after);
      training.export(out, DType.F32);
      try (Scope scope = new Scope();
          Vae exported = Vae.load(Checkpoint.open(out))) {
        Tensor batch = images.range(0, images.size());
        Tensor latents = exported.encode(batch).mean();
        assertEquals(1, latents.std(false).item_double() * exported.config().scalingFactor(), 1e-3);
        // Scaling the latents must not change what comes back of them: the sheet shows the network before it.
        Tensor back = exported.decode(latents);
        Tensor shown = training.restored(images.size()).narrow(0, images.size(), images.size());
        assertTrue(back.sub(shown).abs().max().item_double() < 1e-4);
      }
    }
  }

  @Test
  void aResumedVaeGoesOnToTheBit() {
    try (TrainingImages images = images();
        VaeTraining whole = vae(images);
        VaeTraining resumed = vae(images)) {
      assertGoesOnToTheBit(whole, resumed);
    }
  }

  @Test
  void theDiffusionModelLearnsAndDraws() {
    try (DiffusionTraining training = diffusion(false, Provider.choose())) {
      double before = mean(training, 4);
      mean(training, 40);
      double after = mean(training, 4);
      assertTrue(after < 0.8 * before, before + " to " + after);
      training.export(out, DType.F32);
    }
    try (Scope scope = new Scope();
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(out))) {
      SamplingSettings settings = new SamplingSettings("a square in red", "", "ddim", 3, 2);
      Tensor image = model.decode(model.sample(model.startLatents(1, SIDE, SIDE), settings, step -> {}));
      assertTrue(image.isfinite().all().item_bool());
    }
  }

  @Test
  void aResumedDiffusionModelGoesOnToTheBit() {
    try (DiffusionTraining whole = diffusion(false, Provider.choose());
        DiffusionTraining resumed = diffusion(false, Provider.choose())) {
      assertGoesOnToTheBit(whole, resumed);
    }
  }

  @Test
  void aUNetInBf16LearnsAsOneInFp32() {
    try (DiffusionTraining wide = diffusion(false, Provider.choose());
        DiffusionTraining narrow = diffusion(false, DType.BF16, Provider.choose())) {
      for (int i = 0; i < 5; i++) {
        double loss = wide.step();
        assertEquals(loss, narrow.step(), 0.01 * loss, "step " + i);
      }
      mean(wide, 10);
      mean(narrow, 10);
      double loss = mean(wide, 5);
      assertEquals(loss, mean(narrow, 5), 0.1 * loss);
    }
  }

  @Test
  void aResumedUNetInBf16GoesOnToTheBit() {
    try (DiffusionTraining whole = diffusion(true, DType.BF16, Provider.choose());
        DiffusionTraining resumed = diffusion(true, DType.BF16, Provider.choose())) {
      assertGoesOnToTheBit(whole, resumed);
    }
  }

  @Test
  void providersTakeTheSameSteps() {
    try (DiffusionTraining composed = diffusion(false, Provider.COMPOSED);
        DiffusionTraining chosen = diffusion(false, Provider.choose())) {
      for (int i = 0; i < 3; i++) {
        double loss = composed.step();
        assertEquals(loss, chosen.step(), 1e-4 * loss);
      }
    }
  }

  @Test
  void workersTakeTheStepsThatOneTakes() {
    try (DiffusionTraining alone = diffusion(false, Provider.choose());
        DiffusionTraining shared = diffusion(new DiffusionSettings(false, DType.F32, 3), Provider.choose())) {
      for (int i = 0; i < 5; i++) {
        double loss = alone.step();
        assertEquals(loss, shared.step(), 1e-4 * loss);
      }
    }
  }

  @Test
  void resumedWorkersGoOnToTheBit() {
    DiffusionSettings two = new DiffusionSettings(false, DType.BF16, 2);
    try (DiffusionTraining whole = diffusion(two, Provider.choose());
        DiffusionTraining resumed = diffusion(two, Provider.choose())) {
      assertGoesOnToTheBit(whole, resumed);
    }
  }

  @Test
  void aFrozenTextEncoderStays() {
    try (DiffusionTraining training = diffusion(true, Provider.choose());
        StableDiffusion before = StableDiffusion.load(LIKE)) {
      training.step();
      before
          .textEncoder()
          .parameters()
          .forEach(
              (name, weight) ->
                  assertTrue(weight.equal(training.average().textEncoder().parameters().get(name)), name));
      List<String> moved =
          before.unet().parameters().keySet().stream()
              .filter(name -> name.endsWith("attn2.to_q.weight"))
              .filter(
                  name ->
                      before.unet().parameters().get(name).equal(training.average().unet().parameters().get(name)))
              .toList();
      assertEquals(List.of(), moved);
    }
  }

  @Test
  void aStateOfAnotherKindIsRefused() {
    try (TrainingImages images = images();
        VaeTraining vae = vae(images);
        DiffusionTraining diffusion = diffusion(false, Provider.choose())) {
      vae.save(state);
      String message = assertThrows(UserException.class, () -> diffusion.resume(state)).getMessage();
      assertTrue(message.contains("not the saved state of 'train diffusion'"), message);
      assertFalse(message.contains("\n"), message);
    }
  }
}
