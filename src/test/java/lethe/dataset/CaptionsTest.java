package lethe.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CaptionsTest {
  private static final DatasetConcept OWL = new DatasetConcept("snow-owl", ConceptGroup.OBJECT, "a");

  @Test
  void placesAreFilled() {
    assertEquals(
        "a picture of a snow owl in ink style",
        Captions.fill("a picture of {article} {concept} in {style} style", OWL, "ink"));
    assertEquals("", Captions.fill("", OWL, "ink"));
  }

  @Test
  void templatesComeAsOftenAsTheirWeightsSay() {
    Captions captions = new Captions(Map.of("{concept}", 3.0, "", 1.0, "never", 0.0));
    Map<String, Integer> counts = new TreeMap<>();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 4000; i++) {
      counts.merge(captions.draw(OWL, "ink", random), 1, Integer::sum);
    }
    assertEquals(2, counts.size(), counts.toString());
    assertEquals(1000, counts.get(""), 120); // four standard deviations
  }

  @Test
  void aSeedGivesTheSameCaptions() {
    Captions captions = EmojiRecipe.builtIn().captions();
    SplittableRandom one = new SplittableRandom(5);
    SplittableRandom other = new SplittableRandom(5);
    for (int i = 0; i < 50; i++) {
      assertEquals(captions.draw(OWL, "ink", one), captions.draw(OWL, "ink", other));
    }
  }

  @Test
  void theBuiltInOnesLeaveTheImageOutSometimes() {
    Map<String, Double> weights = EmojiRecipe.builtIn().captions().weights();
    assertTrue(weights.get("") > 0.05, weights.toString());
    assertEquals(1, weights.values().stream().mapToDouble(Double::doubleValue).sum(), 1e-9);
  }

  @Test
  void weightsMustAddUpToSomething() {
    assertThrows(IllegalArgumentException.class, () -> new Captions(Map.of()));
    assertThrows(IllegalArgumentException.class, () -> new Captions(Map.of("a", 0.0)));
    assertThrows(IllegalArgumentException.class, () -> new Captions(Map.of("a", 2.0, "b", -1.0)));
  }
}
