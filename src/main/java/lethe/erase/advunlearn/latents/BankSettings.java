package lethe.erase.advunlearn.latents;

import java.nio.file.Path;

/**
 * How many trajectories a bank holds, and where.
 *
 * @param erasing folder of the concept's trajectories; null to keep them in memory
 * @param retain folder of the retain prompts' trajectories, which runs for other concepts may share; null likewise
 * @param trajectories of the concept
 * @param retainTrajectories of each retain prompt
 * @param seed of the trajectories; the draws from them have their own
 */
public record BankSettings(Path erasing, Path retain, int trajectories, int retainTrajectories, long seed) {
  public static final int TRAJECTORIES = 16;
  public static final int RETAIN_TRAJECTORIES = 1;

  /** Stops of a trajectory whose predictions one UNet pass makes. */
  public static final int BATCH = 5;

  public BankSettings {
    if (trajectories < 1 || retainTrajectories < 1) {
      throw new IllegalArgumentException(
          "a bank needs at least 1 trajectory, got " + trajectories + " and " + retainTrajectories);
    }
  }

  /** A bank in {@code folder}, or in memory if that is null, of the default size. */
  public static BankSettings at(Path folder, long seed) {
    return new BankSettings(
        folder == null ? null : folder.resolve("erasing"),
        folder == null ? null : folder.resolve("retain"),
        TRAJECTORIES,
        RETAIN_TRAJECTORIES,
        seed);
  }
}
