package lethe.model.layer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import lethe.checkpoint.Component;
import lethe.checkpoint.StateDict;
import lethe.checkpoint.Weights;
import lethe.tensor.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * Hands {@link Weights} to the layers of a network, by their diffusers names, and keeps the list of
 * what was handed out: those are the network's named parameters.
 */
public final class WeightReader {
  private final Weights weights;
  private final Map<String, Tensor> parameters;
  private final Map<String, long[]> shapes;
  private final Device device;
  private final String root;
  private final String prefix;

  private WeightReader(
      Weights weights,
      Map<String, Tensor> parameters,
      Map<String, long[]> shapes,
      Device device,
      String root,
      String prefix) {
    this.weights = weights;
    this.parameters = parameters;
    this.shapes = shapes;
    this.device = device;
    this.root = root;
    this.prefix = prefix;
  }

  /** @param device where the weights are to lie */
  public static WeightReader of(StateDict weights, Device device) {
    return of(weights, weights.component().folder(), device);
  }

  /**
   * @param network its name, with which the names of its modules begin
   * @param device where the weights are to lie
   */
  public static WeightReader of(Weights weights, String network, Device device) {
    return new WeightReader(weights, new LinkedHashMap<>(), new LinkedHashMap<>(), device, network + ".", "");
  }

  /** A reader without weights, which hands out null: a network built from it only tells its {@link #shapes}. */
  public static WeightReader dry(Component component) {
    return of(null, component.folder(), Device.META);
  }

  /** A reader for the child module {@code name}. */
  public WeightReader at(String name) {
    return new WeightReader(weights, parameters, shapes, device, root, prefix + name + ".");
  }

  /** A reader for the child {@code index} of the module list {@code name}. */
  public WeightReader at(String name, int index) {
    return at(name + "." + index);
  }

  /** The module's full name, with the component's before it: {@code unet.mid_block.resnets.0}. */
  public String module() {
    String name = root + prefix;
    return name.substring(0, name.length() - 1);
  }

  /**
   * The weight {@code name} of this module.
   *
   * @throws lethe.error.UserException if it is missing, has another shape or holds a number that is not finite
   */
  public Tensor take(String name, long... shape) {
    String key = prefix + name;
    shapes.put(key, shape);
    if (weights == null) {
      return null;
    }
    Tensor weight = device.place(weights.take(key, shape));
    parameters.put(key, weight);
    return weight;
  }

  public boolean contains(String name) {
    return weights.contains(prefix + name);
  }

  /** The shapes of all weights asked for so far, by name, in the order in which the network asked for them. */
  public Map<String, long[]> shapes() {
    return Collections.unmodifiableMap(shapes);
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
