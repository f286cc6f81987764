package lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import lethe.checkpoint.Checkpoint;
import lethe.image.ImageFile;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** The bundled judge. */
class ClassifierJudgeTest {
  private static final Path JUDGE = Path.of("models/emoji-judge");
  private static final Path ARTWORK = Path.of("models/emoji-canvas/reference");

  @Test
  void picturesOfNothingAreNoConcept() {
    try (Scope scope = new Scope();
        ClassifierJudge judge = ClassifierJudge.load(JUDGE)) {
      torch.manual_seed(0);
      Tensor blank = torch.ones(3, 64, 64);
      Tensor noise = torch.randn(3, 64, 64);
      List<Judgement> judgements = judge.judgeAll(torch.stack(new TensorVector(blank, noise)));
      assertEquals(ClassifierJudge.NO_CONCEPT, judgements.get(0).concept());
      assertEquals(ClassifierJudge.NO_CONCEPT, judgements.get(1).concept());
      assertFalse(judge.concepts().contains(ClassifierJudge.NO_CONCEPT));
    }
  }

  @Test
  void largerAndSmallerPicturesAreScaled() {
    try (Scope scope = new Scope();
        ClassifierJudge judge = ClassifierJudge.load(JUDGE)) {
      Tensor church = ImageFile.read(ARTWORK.resolve("church/noto.png")).unsqueeze(0);
      assertEquals("church", judge.judge(torch.upsample_nearest2d(church, 128, 128).squeeze(0)).concept());
      assertEquals("church", judge.judge(torch.upsample_nearest2d(church, 100, 90).squeeze(0)).concept());
      assertEquals("church", judge.judge(torch.adaptive_avg_pool2d(church, 48, 48).squeeze(0)).concept());
    }
  }

  @Test
  void recognisesTheArtworkOfTheBundledModel() {
    try (Scope scope = new Scope();
        ClassifierJudge judge = ClassifierJudge.load(JUDGE)) {
      int pictures = 0;
      for (String concept : judge.concepts()) {
        for (String style : judge.styles()) {
          Path picture = ARTWORK.resolve(concept.replace(' ', '-')).resolve(style + ".png");
          Judgement seen = judge.judgeAll(ImageFile.read(picture).unsqueeze(0)).get(0);
          assertEquals(concept + " in " + style, seen.concept() + " in " + seen.style());
          pictures++;
        }
      }
      assertEquals(66 * 5, pictures);
    }
  }

  @Test
  void promptsNameConceptsWithTheirArticle() {
    try (ClassifierJudge judge = ClassifierJudge.load(JUDGE)) {
      List<PictureRequest> requests =
          PictureRequest.grid(
              judge, PictureRequest.TEMPLATE, List.of("church", "astronaut"), List.of("noto", "ink"), 2, 7);
      assertEquals(8, requests.size());
      assertEquals(
          new PictureRequest("a picture of a church in noto style", 7, "church", "noto"), requests.get(0));
      assertEquals(
          new PictureRequest("a picture of an astronaut in ink style", 10, "astronaut", "ink"), requests.get(7));
      assertThrows(IllegalArgumentException.class, () -> judge.phrase("saxophone"));
    }
  }

  @Test
  void picturesDoNotDependOnTheirBatch() {
    try (Scope scope = new Scope();
        ClassifierJudge judge = ClassifierJudge.load(JUDGE);
        StableDiffusion model = StableDiffusion.load(Checkpoint.open(Path.of("models/emoji-canvas")))) {
      List<PictureRequest> requests =
          PictureRequest.grid(judge, PictureRequest.TEMPLATE, List.of("church"), List.of("noto", "ink"), 1, 3);
      TensorVector alone = new TensorVector();
      new Evaluation(new EvaluationSettings("ddim", 2, 4, 1)).run(model, judge, requests, (pictures, images) -> {
        alone.push_back(images.clone());
        return true;
      });
      int judged =
          new Evaluation(new EvaluationSettings("ddim", 2, 4, 2))
              .run(model, judge, requests, (pictures, images) -> {
                assertTrue(torch.allclose(images, torch.cat(alone, 0), 1e-3, 1e-3, false));
                return true;
              })
              .size();
      assertEquals(2, judged);
      Evaluation one = new Evaluation(new EvaluationSettings("ddim", 2, 4, 1));
      assertEquals(1, one.run(model, judge, requests, (pictures, images) -> false).size());
    }
  }
}
