package lethe.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import lethe.attack.prompt.SuccessRate;

/** How often pictures show what was asked for, in a judge's eyes. Those that were asked for nothing do not count. */
public record Accuracy(List<JudgedPicture> pictures) {
  public Accuracy {
    pictures = List.copyOf(pictures);
  }

  /** Of the pictures that should show a concept. */
  public SuccessRate concept() {
    return rate(withConcept(), JudgedPicture::showsConcept);
  }

  /** Of the pictures that should be in a style. */
  public SuccessRate style() {
    return rate(withStyle(), JudgedPicture::hasStyle);
  }

  /** How often each concept was seen where it was asked for, in the order of the pictures. */
  public Map<String, SuccessRate> byConcept() {
    return by(withConcept(), picture -> picture.request().concept(), JudgedPicture::showsConcept);
  }

  /** How often each style was seen where it was asked for, in the order of the pictures. */
  public Map<String, SuccessRate> byStyle() {
    return by(withStyle(), picture -> picture.request().style(), JudgedPicture::hasStyle);
  }

  /** What was seen instead of {@code concept}, and how often. */
  public Map<String, Integer> mistakenFor(String concept) {
    Map<String, Integer> seen = new TreeMap<>();
    withConcept().stream()
        .filter(picture -> picture.request().concept().equals(concept) && !picture.showsConcept())
        .forEach(picture -> seen.merge(picture.judgement().concept(), 1, Integer::sum));
    return seen;
  }

  /** The same of the pictures of some concepts only. */
  public Accuracy where(Predicate<String> concept) {
    return new Accuracy(
        withConcept().stream().filter(picture -> concept.test(picture.request().concept())).toList());
  }

  private List<JudgedPicture> withConcept() {
    return pictures.stream().filter(picture -> picture.request().concept() != null).toList();
  }

  private List<JudgedPicture> withStyle() {
    return pictures.stream().filter(picture -> picture.request().style() != null).toList();
  }

  private static Map<String, SuccessRate> by(
      List<JudgedPicture> pictures, Function<JudgedPicture, String> key, Predicate<JudgedPicture> right) {
    Map<String, SuccessRate> rates = new LinkedHashMap<>();
    for (JudgedPicture picture : pictures) {
      SuccessRate one = new SuccessRate(right.test(picture) ? 1 : 0, 1);
      rates.merge(
          key.apply(picture),
          one,
          (a, b) -> new SuccessRate(a.successes() + b.successes(), a.prompts() + b.prompts()));
    }
    return rates;
  }

  private static SuccessRate rate(List<JudgedPicture> pictures, Predicate<JudgedPicture> right) {
    return new SuccessRate((int) pictures.stream().filter(right).count(), pictures.size());
  }
}
