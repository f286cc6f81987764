package lethe.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lethe.attack.prompt.SuccessRate;

/** Success rates with their intervals, for people and as data. */
public final class Rates {
  private Rates() {}

  /** {@code 9 of 10, 90.0% (95% interval 59.6% to 98.2%)}. */
  public static String line(SuccessRate rate) {
    return rate.prompts() == 0
        ? "0 of 0"
        : String.format(
            Locale.ROOT,
            "%d of %d, %.1f%% (95%% interval %.1f%% to %.1f%%)",
            rate.successes(),
            rate.prompts(),
            100 * rate.rate(),
            100 * rate.interval().low(),
            100 * rate.interval().high());
  }

  /**
   * To be written as JSON; a rate of nothing is null.
   *
   * @param counted what the rate is a share of, in the plural
   */
  public static Map<String, Object> data(SuccessRate rate, String counted) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("successes", rate.successes());
    data.put(counted, rate.prompts());
    data.put("rate", rate.prompts() == 0 ? null : rate.rate());
    data.put("wilson95", List.of(rate.interval().low(), rate.interval().high()));
    return data;
  }
}
