package lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import lethe.attack.prompt.SuccessRate;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static final Accuracy ACCURACY =
      new Accuracy(
          List.of(
              picture("church", "noto", "church", "noto"),
              picture("church", "ink", "castle", "ink"),
              picture("church", "noto", ClassifierJudge.NO_CONCEPT, "ink"),
              picture("castle", "ink", "castle", "ink"),
              picture(null, "noto", "castle", "noto"),
              picture("castle", null, "castle", "noto")));

  private static JudgedPicture picture(String concept, String style, String seenConcept, String seenStyle) {
    return new JudgedPicture(
        new PictureRequest("a prompt", 0, concept, style), new Judgement(seenConcept, 0.9, seenStyle, 0.8));
  }

  @Test
  void countsWhatWasAskedFor() {
    assertEquals(new SuccessRate(3, 5), ACCURACY.concept());
    assertEquals(new SuccessRate(4, 5), ACCURACY.style());
  }

  @Test
  void countsEachConceptAndStyle() {
    assertEquals(
        Map.of("church", new SuccessRate(1, 3), "castle", new SuccessRate(2, 2)), ACCURACY.byConcept());
    assertEquals(Map.of("noto", new SuccessRate(2, 3), "ink", new SuccessRate(2, 2)), ACCURACY.byStyle());
  }

  @Test
  void saysWhatWasSeenInstead() {
    assertEquals(Map.of("castle", 1, ClassifierJudge.NO_CONCEPT, 1), ACCURACY.mistakenFor("church"));
    assertEquals(Map.of(), ACCURACY.mistakenFor("castle"));
  }

  @Test
  void countsSomeConceptsAndStylesTogether() {
    assertEquals(new SuccessRate(2, 2), ACCURACY.of("castle"));
    assertEquals(new SuccessRate(2, 3), ACCURACY.of("noto"));
    assertEquals(new SuccessRate(4, 5), ACCURACY.of(List.of("castle", "noto")));
    assertEquals(new SuccessRate(0, 0), ACCURACY.of("owl"));
    assertEquals(new SuccessRate(0, 0), ACCURACY.of(List.of()));
  }

  @Test
  void aNameThatIsBothIsAConcept() {
    Accuracy accuracy = new Accuracy(List.of(picture("flat", "flat", "flat", "noto")));
    assertEquals(new SuccessRate(1, 1), accuracy.of("flat"));
  }
}
