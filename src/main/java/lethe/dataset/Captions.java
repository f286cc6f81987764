package lethe.dataset;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import lethe.json.JsonObject;

/**
 * The captions that an image may get, and how often each is drawn. {@code {article}}, {@code {concept}} and
 * {@code {style}} in a template stand for the image's; the empty template teaches the unconditional prediction that
 * classifier-free guidance needs.
 *
 * @param weights weight by template; they need not sum to 1
 */
public record Captions(Map<String, Double> weights) {
  public Captions {
    weights = new LinkedHashMap<>(weights);
    if (!(total(weights) > 0) || weights.values().stream().anyMatch(weight -> !(weight >= 0))) {
      throw new IllegalArgumentException("caption weights must not be negative, and not all zero: " + weights);
    }
  }

  /** The captions of a file: weights by template under {@code captions}. */
  static Captions read(JsonObject json) {
    JsonObject templates = json.object("captions");
    Map<String, Double> weights = new LinkedHashMap<>();
    templates.keys().forEach(template -> weights.put(template, templates.number(template)));
    try {
      return new Captions(weights);
    } catch (IllegalArgumentException e) {
      throw json.wrong("captions", "have negative weights, or all are 0");
    }
  }

  /** A caption with one number drawn from {@code random}. */
  public String draw(DatasetConcept concept, String style, RandomGenerator random) {
    double rest = random.nextDouble() * total(weights);
    String drawn = null;
    for (Map.Entry<String, Double> template : weights.entrySet()) {
      if (template.getValue() > 0) {
        drawn = template.getKey();
        rest -= template.getValue();
        if (rest < 0) {
          break;
        }
      }
    }
    return fill(drawn, concept, style);
  }

  /** {@code template} with its places filled. */
  public static String fill(String template, DatasetConcept concept, String style) {
    return template
        .replace("{article}", concept.article())
        .replace("{concept}", concept.words())
        .replace("{style}", style);
  }

  private static double total(Map<String, Double> weights) {
    return weights.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
