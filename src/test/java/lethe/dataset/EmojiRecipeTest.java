package lethe.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmojiRecipeTest {
  private final EmojiRecipe recipe = EmojiRecipe.builtIn();
  private final List<String> names = recipe.concepts().stream().map(DatasetConcept::name).toList();

  @Test
  void conceptsAndStylesAreDistinctWords() {
    assertEquals(66, new HashSet<>(names).size());
    assertEquals(names.size(), new HashSet<>(names).size());
    assertEquals(5, recipe.styles().size());
    assertTrue(names.stream().allMatch(name -> name.matches("[a-z]+(-[a-z]+)*")), names.toString());
  }

  @Test
  void articlesFitTheirWords() {
    for (DatasetConcept concept : recipe.concepts()) {
      boolean vowel = "aeio".indexOf(concept.name().charAt(0)) >= 0 || concept.name().equals("umbrella");
      assertEquals(vowel ? "an" : "a", concept.article(), concept.name());
    }
  }

  /** What the papers erase from Stable Diffusion has a counterpart here. */
  @Test
  void thePublishedClassesHaveACounterpart() {
    assertTrue(names.containsAll(List.of("church", "parachute", "fish", "articulated-lorry", "fuel-pump", "trumpet")));
  }
}
