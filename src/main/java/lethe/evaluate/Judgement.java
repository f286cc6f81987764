package lethe.evaluate;

/**
 * What a judge sees in a picture.
 *
 * @param concept the likeliest, or {@link ClassifierJudge#NO_CONCEPT}
 * @param conceptScore its probability in the judge's eyes
 * @param style the likeliest
 * @param styleScore its probability in the judge's eyes
 */
public record Judgement(String concept, double conceptScore, String style, double styleScore) {}
