package lethe.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lethe.tensor.DType;

/**
 * What a checkpoint holds of one component, from the headers alone.
 *
 * @param files the weights files, in reading order
 * @param weights by canonical name
 */
public record ComponentListing(Component component, List<Path> files, List<Weight> weights) {
  /**
   * One weight.
   *
   * @param name canonical name
   * @param file where it is stored
   * @param key the name it has there
   */
  public record Weight(String name, Path file, String key, DType dtype, List<Long> shape) {
    /** Number of elements. */
    public long parameters() {
      return shape.stream().reduce(1L, (a, b) -> a * b);
    }
  }

  static ComponentListing of(ComponentWeights weights) {
    return new ComponentListing(
        weights.component(),
        weights.files(),
        weights.canonical().entrySet().stream()
            .map(
                entry -> {
                  ComponentWeights.StoredTensor stored = entry.getValue().stored();
                  List<Long> shape = Arrays.stream(entry.getValue().shape()).boxed().toList();
                  return new Weight(entry.getKey(), stored.file(), stored.key(), stored.info().dtype(), shape);
                })
            .sorted(Comparator.comparing(Weight::name))
            .toList());
  }

  /** Number of parameters of all weights. */
  public long parameters() {
    return weights.stream().mapToLong(Weight::parameters).sum();
  }

  /** Number of parameters by the type they are stored in. */
  public Map<DType, Long> parametersByDType() {
    Map<DType, Long> parameters = new EnumMap<>(DType.class);
    weights.forEach(weight -> parameters.merge(weight.dtype(), weight.parameters(), Long::sum));
    return parameters;
  }

  /** The types the weights are stored in. */
  public Set<DType> dtypes() {
    return parametersByDType().keySet();
  }
}
