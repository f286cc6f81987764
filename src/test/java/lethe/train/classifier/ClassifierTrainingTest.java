package lethe.train.classifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lethe.dataset.EmojiDataset;
import lethe.dataset.Split;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.classifier.ClassifierConfig;
import lethe.tensor.Scope;
import lethe.train.Draws;
import lethe.train.FourPictures;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four pictures: a square or a bar, in red or in blue. */
class ClassifierTrainingTest {
  private static final int SIDE = 16;
  private static final ClassifierSettings SETTINGS = new ClassifierSettings(60, 24, 1e-2, 5, 0.01, 0.9, 0.05, 3);
  private static final ClassifierConfig CONFIG =
      new ClassifierConfig(
          SIDE, new int[] {8, 16}, 4, List.of("square", "bar"), List.of("a square", "a bar"), List.of("red", "blue"),
          "hash");

  @TempDir Path folder;

  @BeforeEach
  void writeDataset() throws IOException {
    FourPictures.write(folder, SIDE);
  }

  private LabelledPictures pictures(Split split) {
    EmojiDataset dataset = EmojiDataset.read(folder);
    return LabelledPictures.of(dataset, dataset.entries(split));
  }

  @Test
  void learnsFourPictures() {
    try (LabelledPictures pictures = pictures(Split.TRAIN);
        LabelledPictures heldOut = pictures(Split.HELD_OUT);
        ClassifierTraining training = new ClassifierTraining(CONFIG, pictures, SETTINGS, Provider.choose())) {
      HeldOutAccuracy before = HeldOutAccuracy.of(training.average(), heldOut);
      assertEquals(4, before.pictures());
      assertTrue(before.wrongConcept().size() + before.wrongStyle().size() > 0, before.toString());
      while (training.steps() < SETTINGS.steps()) {
        training.step();
      }
      HeldOutAccuracy after = HeldOutAccuracy.of(training.average(), heldOut);
      assertEquals(List.of(), after.wrongConcept());
      assertEquals(List.of(), after.wrongStyle());
    }
  }

  @Test
  void aResumedRunGoesOnToTheBit() {
    Path state = folder.resolve("state.safetensors");
    try (LabelledPictures pictures = pictures(Split.TRAIN);
        ClassifierTraining whole = new ClassifierTraining(CONFIG, pictures, SETTINGS, Provider.choose());
        ClassifierTraining resumed = new ClassifierTraining(CONFIG, pictures, SETTINGS, Provider.choose())) {
      whole.step();
      whole.step();
      whole.save(state);
      resumed.resume(state);
      assertEquals(2, resumed.steps());
      for (int i = 0; i < 3; i++) {
        assertEquals(whole.step(), resumed.step());
      }
      whole
          .average()
          .parameters()
          .forEach((name, weight) -> assertTrue(weight.equal(resumed.average().parameters().get(name)), name));
    }
  }

  @Test
  void aStateOfOtherSettingsIsRefused() {
    Path state = folder.resolve("state.safetensors");
    ClassifierSettings other = new ClassifierSettings(60, 24, 1e-2, 5, 0.01, 0.9, 0.05, 4);
    try (LabelledPictures pictures = pictures(Split.TRAIN);
        ClassifierTraining one = new ClassifierTraining(CONFIG, pictures, SETTINGS, Provider.choose());
        ClassifierTraining another = new ClassifierTraining(CONFIG, pictures, other, Provider.choose())) {
      one.save(state);
      UserException e = assertThrows(UserException.class, () -> another.resume(state));
      assertTrue(e.getMessage().contains("seed=3"), e.getMessage());
    }
  }

  @Test
  void everySixthPictureShowsNoConcept() {
    assertEquals(10, ClassifierSettings.DEFAULTS.withoutConcept());
    try (Scope scope = new Scope()) {
      Tensor artwork = torch.ones(10, 3, 32, 32);
      Tensor none = NoConcept.from(artwork, new Draws(1, 1));
      assertTrue(none.is_same_size(artwork));
      assertTrue(none.isfinite().all().item_bool());
      assertTrue(NoConcept.from(artwork, new Draws(1, 1)).equal(none));
      assertTrue(!NoConcept.from(artwork, new Draws(1, 2)).equal(none));
    }
  }

  @Test
  void augmentationChangesPicturesButNotTheirRange() {
    try (Scope scope = new Scope()) {
      Tensor image = FourPictures.picture("square", "red", SIDE, 0).unsqueeze(0).expand(8, -1, -1, -1);
      Tensor changed = Augmentation.of(image, new Draws(1, 1));
      assertTrue(changed.is_same_size(image));
      assertTrue(changed.abs().max().item_double() < 2.5);
      assertTrue(!changed.narrow(0, 0, 1).equal(changed.narrow(0, 1, 1)));
    }
  }
}
