package lethe.report.demo;

import java.util.List;
import java.util.Map;

/**
 * Everything that a demo's page and its JSON show; nothing on the page comes from elsewhere.
 *
 * @param concept that was erased
 * @param retainPrompts those that AdvUnlearn was trained to retain
 * @param judge who says what a picture shows, in words
 * @param models the original first
 * @param phases in the order in which they ended
 * @param commands that repeat parts of the demo, by what they repeat
 * @param settings by part
 * @param facts versions, machine, hashes
 * @param seconds all of it took
 * @param cpuSeconds of processor time it took
 */
public record DemoFindings(
    String concept,
    List<String> retainPrompts,
    String judge,
    List<DemoModel> models,
    List<DemoPhase> phases,
    Map<String, String> commands,
    Map<String, Map<String, Object>> settings,
    Map<String, Object> facts,
    double seconds,
    double cpuSeconds) {
  public DemoFindings {
    models = List.copyOf(models);
    phases = List.copyOf(phases);
  }

  public DemoModel original() {
    return models.get(0);
  }

  /** All but the original. */
  public List<DemoModel> erasedModels() {
    return models.subList(1, models.size());
  }
}
