package lethe.gate;

import java.util.ArrayList;
import java.util.List;

/** What a reader has to know before believing a comparison. */
final class Warnings {
  private Warnings() {}

  static List<String> of(ResultFile base, ResultFile candidate, List<Measurement[]> pairs) {
    List<String> warnings = new ArrayList<>();
    for (String difference : base.surroundings().differences(candidate.surroundings())) {
      warnings.add("NOT THE SAME MACHINE OR SETTINGS: " + difference);
    }
    if (!base.surroundings().isKnown() && !candidate.surroundings().isKnown()) {
      warnings.add("neither file says on which machine it was measured; lethe bench --out FILE.json writes it down");
    }
    if (!base.isPairedWith(candidate)) {
      warnings.add("the files come from two separate runs: a machine that slowed down in between looks like slower code"
          + " (lethe bench compare --against REV interleaves the two)");
    }
    long single = pairs.stream().filter(pair -> pair[0].forks() == 1 || pair[1].forks() == 1).count();
    if (single > 0) {
      warnings.add("%d of %d benchmarks ran in one fork, which does not show the spread between runs: %.0f%% is assumed"
          .formatted(single, pairs.size(), 100 * LogRatio.SPREAD_OF_ONE_FORK));
    }
    return warnings;
  }
}
