package lethe.evaluate;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import lethe.attack.prompt.SuccessRate;

/** How often pictures show what was asked for, in a judge's eyes. Those that were asked for nothing do not count. */
public record Accuracy(List<JudgedPicture> pictures) {
  private static final SuccessRate NONE = new SuccessRate(0, 0);

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

  /** How often a concept or a style was seen where it was asked for; what is called the same as both is a concept. */
  public SuccessRate of(String name) {
    return byConcept().getOrDefault(name, byStyle().getOrDefault(name, NONE));
  }

  /** The same of several together. */
  public SuccessRate of(Collection<String> names) {
    return names.stream().map(this::of).reduce(NONE, Accuracy::sum);
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
      rates.merge(key.apply(picture), one, Accuracy::sum);
    }
    return rates;
  }

  private static SuccessRate sum(SuccessRate a, SuccessRate b) {
    return new SuccessRate(a.successes() + b.successes(), a.prompts() + b.prompts());
  }

  private static SuccessRate rate(List<JudgedPicture> pictures, Predicate<JudgedPicture> right) {
    return new SuccessRate((int) pictures.stream().filter(right).count(), pictures.size());
  }
}
