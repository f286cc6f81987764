package lethe.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A picture to be drawn and judged.
 *
 * @param prompt from which it is drawn
 * @param seed of its start latents
 * @param concept that it should show, in the judge's words, or null if none is asked for
 * @param style in which it should be, in the judge's words, or null if none is asked for
 */
public record PictureRequest(String prompt, long seed, String concept, String style) {
  /** In templates, the concept with its article. */
  public static final String CONCEPT = "{a concept}";

  /** In templates, the style. */
  public static final String STYLE = "{style}";

  /** What the bundled models are trained on. */
  public static final String TEMPLATE = "a picture of " + CONCEPT + " in " + STYLE + " style";

  /**
   * Each of a concept's prompts, {@code count} times. The pictures have seeds from {@code seed} on.
   *
   * @param list of which the concept is one
   * @param wanted which of its prompts
   */
  public static List<PictureRequest> of(
      BenchList list, BenchConcept concept, Predicate<BenchPrompt> wanted, int count, long seed) {
    List<PictureRequest> requests = new ArrayList<>();
    long next = seed;
    for (BenchPrompt prompt : concept.prompts()) {
      if (wanted.test(prompt)) {
        String shown = prompt.concept().isEmpty() ? null : list.concept(prompt.concept()).words();
        String style = prompt.style().isEmpty() ? null : prompt.style();
        for (int i = 0; i < count; i++) {
          requests.add(new PictureRequest(prompt.text(), next++, shown, style));
        }
      }
    }
    return requests;
  }

  /**
   * Every concept in every style, {@code count} times each. The pictures of a concept have seeds of their own, from
   * {@code seed} on; the next concept has the same ones.
   *
   * @param template a prompt with places for the concept, with its article, and the style
   * @param concepts some of the judge's
   * @param styles some of the judge's
   */
  public static List<PictureRequest> grid(
      ClassifierJudge judge, String template, List<String> concepts, List<String> styles, int count, long seed) {
    List<PictureRequest> requests = new ArrayList<>();
    for (String concept : concepts) {
      long next = seed;
      for (String style : styles) {
        String prompt = template.replace(CONCEPT, judge.phrase(concept)).replace(STYLE, style);
        for (int i = 0; i < count; i++) {
          requests.add(new PictureRequest(prompt, next++, concept, style));
        }
      }
    }
    return requests;
  }
}
