package lethe.attack.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import lethe.error.UserException;
import lethe.image.ImageFile;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceJudgeTest {
  private static final Path ARTWORK = Path.of("models/emoji-canvas/reference");

  @TempDir Path folder;

  @Test
  void everyReferenceIsItsOwnConcept() {
    try (Scope scope = new Scope();
        ReferenceJudge judge = ReferenceJudge.of(ARTWORK)) {
      assertEquals(66, judge.concepts().size());
      for (String concept : judge.concepts()) {
        ConceptJudge.Verdict verdict = judge.judge(read(concept.replace(' ', '-') + "/noto.png"));
        assertEquals(concept, verdict.concept());
        assertEquals(1, verdict.score(), 1e-5);
      }
    }
  }

  @Test
  void contrastBrightnessAndNoiseDoNotMatter() {
    try (Scope scope = new Scope();
        ReferenceJudge judge = ReferenceJudge.of(ARTWORK)) {
      Tensor church = read("church/noto.png");
      Tensor paler = church.mul(new Scalar(0.3)).add(new Scalar(0.5));
      assertEquals(1, judge.judge(paler).score(), 1e-5);
      torch.manual_seed(0);
      Tensor noisy = church.add(torch.randn_like(church).mul(new Scalar(0.3)));
      ConceptJudge.Verdict verdict = judge.judge(noisy);
      assertEquals("church", verdict.concept());
      assertTrue(verdict.score() < 0.999, "score " + verdict.score());
    }
  }

  @Test
  void aPictureOfOneColourHasNoScore() {
    try (Scope scope = new Scope();
        ReferenceJudge judge = ReferenceJudge.of(ARTWORK)) {
      assertEquals(0, judge.judge(torch.ones(3, 48, 40)).score(), 1e-6);
    }
  }

  @Test
  void filesMayBeNamedByConcept() throws IOException {
    Files.copy(ARTWORK.resolve("dog-face/noto.png"), folder.resolve("Dog-face.png"));
    Files.copy(ARTWORK.resolve("dog-face/ink.png"), folder.resolve("dog_face_2.png"));
    Files.copy(ARTWORK.resolve("church/noto.png"), folder.resolve("church.png"));
    try (Scope scope = new Scope();
        ReferenceJudge judge = ReferenceJudge.of(folder)) {
      assertEquals(Set.of("church", "dog face"), judge.concepts());
      assertEquals("dog face", judge.judge(read("dog-face/ink.png")).concept());
    }
  }

  @Test
  void oneConceptAloneIsRefused() throws IOException {
    Files.copy(ARTWORK.resolve("church/noto.png"), folder.resolve("church.png"));
    UserException e = assertThrows(UserException.class, () -> ReferenceJudge.of(folder));
    assertTrue(e.getMessage().contains("[church] only"), e.getMessage());
    assertThrows(UserException.class, () -> ReferenceJudge.of(folder.resolve("absent")));
  }

  private static Tensor read(String file) {
    return ImageFile.read(ARTWORK.resolve(file));
  }
}
