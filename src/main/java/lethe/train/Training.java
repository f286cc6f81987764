package lethe.train;

import java.nio.file.Path;
import lethe.tensor.DType;

/** A training that can be left between any two steps and taken up again later. */
public interface Training extends AutoCloseable {
  /** Steps done, those of earlier runs included. */
  long steps();

  /**
   * One step.
   *
   * @return the loss before it
   * @throws lethe.error.UserException if the loss is not finite; no weight has changed then
   */
  double step();

  /** Replaces {@code state} by where the training stands. */
  void save(Path state);

  /** Goes on from what {@link #save} wrote. */
  void resume(Path state);

  /**
   * Writes the checkpoint with the moving average of the weights.
   *
   * @param type of the trained weights
   */
  void export(Path out, DType type);

  @Override
  void close();
}
