package lethe.report.demo;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lethe.attack.prompt.SuccessRate;

/**
 * One of the models compared, and what it draws.
 *
 * @param name of the method that made it forget, or of the original
 * @param erased pictures of the erased concept
 * @param retained pictures of other concepts
 * @param attack null where it was not attacked
 * @param losses of the method's steps by the loss's name; empty for the original
 */
public record DemoModel(
    String name,
    List<DemoPicture> erased,
    List<DemoPicture> retained,
    DemoAttack attack,
    Map<String, List<Double>> losses) {

  /** In how many pictures of {@code concept} the judge sees it. */
  public SuccessRate rate(String concept) {
    return rate((erased.get(0).concept().equals(concept) ? erased : retained)
        .stream().filter(picture -> picture.concept().equals(concept)).toList());
  }

  public SuccessRate erasedRate() {
    return rate(erased);
  }

  public SuccessRate retainedRate() {
    return rate(retained);
  }

  /** The retained concepts in the order in which they were drawn. */
  List<String> retainedConcepts() {
    return retained.stream().map(DemoPicture::concept).distinct().collect(Collectors.toList());
  }

  private static SuccessRate rate(List<DemoPicture> pictures) {
    return new SuccessRate((int) pictures.stream().filter(DemoPicture::recognised).count(), pictures.size());
  }
}
