package lethe.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code erase advunlearn} on a golden model, as short as it gets. */
final class TinyErasure {
  private TinyErasure() {}

  /** The command line without {@code --iterations} and {@code --warmup-iter}; more options can be added. */
  static List<String> words(Path model, String concept, Path retain, Path out) {
    List<String> words = new ArrayList<>(List.of("erase", "advunlearn", "--model", model.toString()));
    words.addAll(List.of("--concept", concept, "--retain", retain.toString(), "--out", out.toString()));
    words.addAll(List.of("--attack-step", "2", "--ddim-steps", "4", "--retain-batch", "2"));
    words.addAll(List.of("--lr", "1e-4", "--bank-trajectories", "2", "--threads", "1"));
    return words;
  }
}
