package lethe.erase.advunlearn.latents;

import java.util.SplittableRandom;

/** The choices that a draw makes, whatever the source of its latents. */
final class Draws {
  private final Seeds seeds;
  private final DdimGrid grid;
  private final int prompts;
  private final int batch;

  Draws(LatentSettings settings, DdimGrid grid) {
    this.seeds = new Seeds(settings.seed());
    this.grid = grid;
    this.prompts = settings.retainPrompts().size();
    this.batch = Math.min(settings.retainBatch(), prompts);
  }

  Seeds seeds() {
    return seeds;
  }

  /** Uniform over all stops. */
  int stop(long draw) {
    return seeds.random("stop", draw).nextInt(grid.stops());
  }

  /** Uniform over the timesteps that belong to the draw's stop. */
  int timestep(long draw) {
    return timestep(grid, stop(draw), seeds.random("timestep", draw));
  }

  static int timestep(DdimGrid grid, int stop, SplittableRandom random) {
    return random.nextInt(grid.firstTimestep(stop), grid.firstTimestep(stop + 1));
  }

  /**
   * The prompts of a batch, by their place in the list, all different. As published, a pass through the list ends where
   * fewer than a batch are left.
   */
  int[] batch(long number) {
    if (prompts == 0) {
      throw new IllegalStateException("there are no retain prompts");
    }
    long batchesInPass = prompts / batch;
    int[] order = shuffled(number / batchesInPass);
    int[] chosen = new int[batch];
    System.arraycopy(order, (int) (number % batchesInPass) * batch, chosen, 0, batch);
    return chosen;
  }

  private int[] shuffled(long pass) {
    SplittableRandom random = seeds.random("order", pass);
    int[] order = new int[prompts];
    for (int i = 0; i < prompts; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
