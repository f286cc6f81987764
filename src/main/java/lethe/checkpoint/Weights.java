package lethe.checkpoint;

import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;

/** Named weights on their way into a network, which takes each that it needs and then asks that none be left. */
public interface Weights {
  /**
   * The weight {@code name}; owned by the current scope.
   *
   * @throws UserException if it is missing, has another shape, or holds a number that is not finite
   */
  Tensor take(String name, long... shape);

  boolean contains(String name);

  /** @throws UserException if there are weights that nobody took; names the first few */
  void requireAllTaken();
}
