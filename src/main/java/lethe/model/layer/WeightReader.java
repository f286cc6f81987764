package lethe.model.layer;

import java.util.LinkedHashMap;
import java.util.Map;
import lethe.checkpoint.StateDict;
import org.bytedeco.pytorch.Tensor;

/**
 * Hands the weights of a {@link StateDict} to the layers of a network, by their diffusers names, and keeps the list of
 * what was handed out: those are the network's named parameters.
 */
public final class WeightReader {
  private final StateDict weights;
  private final Map<String, Tensor> parameters;
  private final String prefix;

  private WeightReader(StateDict weights, Map<String, Tensor> parameters, String prefix) {
    this.weights = weights;
    this.parameters = parameters;
    this.prefix = prefix;
  }

  public static WeightReader of(StateDict weights) {
    return new WeightReader(weights, new LinkedHashMap<>(), "");
  }

  /** A reader for the child module {@code name}. */
  public WeightReader at(String name) {
    return new WeightReader(weights, parameters, prefix + name + ".");
  }

  /** A reader for the child {@code index} of the module list {@code name}. */
  public WeightReader at(String name, int index) {
    return at(name + "." + index);
  }

  /**
   * The weight {@code name} of this module.
   *
   * @throws lethe.error.UserException if it is missing, has another shape or holds a number that is not finite
   */
  public Tensor take(String name, long... shape) {
    String key = prefix + name;
    Tensor weight = weights.take(key, shape);
    parameters.put(key, weight);
    return weight;
  }

  public boolean contains(String name) {
    return weights.contains(prefix + name);
  }

  /**
   * All weights handed out so far, in the order in which the network asked for them.
   *
   * @throws lethe.error.UserException if the checkpoint holds weights that the network has no place for
   */
  public Map<String, Tensor> finish() {
    weights.requireAllTaken();
    return parameters;
  }
}
