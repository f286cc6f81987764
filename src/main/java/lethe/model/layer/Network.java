package lethe.model.layer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.checkpoint.StateDict;
import lethe.checkpoint.Weights;
import lethe.profile.ModelLoadEvent;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * A network with named parameters, under the names that diffusers and transformers give them.
 *
 * <p>It owns its parameters: they live until {@link #close()}, whatever scopes end before. Parameters are frozen (need
 * no gradient) until a trainer asks for theirs.
 */
public abstract class Network implements AutoCloseable {
  private Map<String, Tensor> parameters;
  private Device device;

  /** As {@link #load(Checkpoint, Component, DType, Device, Function)}, in fp32. */
  protected static <N extends Network> N load(
      Checkpoint checkpoint, Component component, Device device, Function<WeightReader, N> constructor) {
    return load(checkpoint, component, DType.F32, device, constructor);
  }

  /**
   * Builds a network on {@code device} from every weight of a component, no fewer and no more.
   *
   * @param dtype of the parameters, whatever the checkpoint's
   * @throws lethe.error.UserException if one is missing, left over or does not fit
   */
  protected static <N extends Network> N load(
      Checkpoint checkpoint, Component component, DType dtype, Device device, Function<WeightReader, N> constructor) {
    try (StateDict weights = checkpoint.weights(component, dtype)) {
      return load(weights, component.folder(), dtype, device, constructor);
    }
  }

  /**
   * Builds a network on {@code device} from all of {@code weights}.
   *
   * @param name of the network, in profiles
   * @param dtype of the weights
   * @throws lethe.error.UserException if one is missing, left over or does not fit
   */
  protected static <N extends Network> N load(
      Weights weights, String name, DType dtype, Device device, Function<WeightReader, N> constructor) {
    ModelLoadEvent event = new ModelLoadEvent();
    event.begin();
    try (Scope scope = new Scope()) {
      WeightReader reader = WeightReader.of(weights, name, device);
      N network = constructor.apply(reader);
      Map<String, Tensor> parameters = reader.finish();
      parameters.values().forEach(Scope::own);
      ((Network) network).parameters = Collections.unmodifiableMap(parameters);
      ((Network) network).device = device;
      event.end();
      if (event.shouldCommit()) {
        event.component = name;
        event.parameters = network.parameterCount();
        event.bytes = dtype.bytes() * event.parameters;
        event.device = device.toString();
        event.commit();
      }
      return network;
    }
  }

  /** Where its parameters lie, and its inputs must. */
  public final Device device() {
    return device;
  }

  /** All parameters by name, in the order of the network; the network's own tensors, not copies. */
  public final Map<String, Tensor> parameters() {
    return parameters;
  }

  /** The type of the parameters, which is what the network computes in. */
  public final DType dtype() {
    return DType.of(parameters.values().iterator().next().scalar_type());
  }

  public final long parameterCount() {
    return parameters.values().stream().mapToLong(Tensor::numel).sum();
  }

  /** The parameters' values in another type, for a checkpoint; owned by the current scope. */
  public final Map<String, Tensor> parametersAs(DType dtype) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> values.put(name, parameter.detach().to(dtype.scalarType())));
    return values;
  }

  @Override
  public final void close() {
    parameters.values().forEach(Tensor::releaseReference);
  }
}
