package lethe.checkpoint;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import lethe.checkpoint.ComponentWeights.Placed;
import lethe.checkpoint.ComponentWeights.StoredTensor;
import lethe.checkpoint.KeyMap.StoredName;
import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The tensors of a component as a file stores them, with some weights replaced. They belong to the current scope. */
final class StoredForm {
  private final ComponentWeights weights;
  private final MappedFiles files;
  private final Map<String, Tensor> changed;

  /**
   * @param files maps of (at least) the weights' files
   * @param changed new weights by canonical name, in the type to be written
   * @throws IllegalArgumentException if the component has no such weight, or one of another shape
   */
  StoredForm(ComponentWeights weights, MappedFiles files, Map<String, Tensor> changed) {
    this.weights = weights;
    this.files = files;
    this.changed = changed;
    changed.forEach(
        (name, tensor) -> {
          Placed placed = weights.canonical().get(name);
          if (placed == null || !Arrays.equals(placed.shape(), tensor.shape())) {
            throw new IllegalArgumentException(
                "the %s has no weight %s of shape %s"
                    .formatted(weights.component().folder(), name, Messages.shape(tensor.shape())));
          }
        });
  }

  /** Under the source's own names; what is not replaced is as it was, buffers included. */
  Map<String, Tensor> inPlace() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (StoredTensor stored : weights.stored()) {
      tensors.put(stored.key(), files.tensor(stored));
    }
    Joiner joiner = new Joiner();
    weights
        .canonical()
        .forEach((name, placed) -> joiner.add(name, new StoredName(placed.stored().key(), placed.layout())));
    tensors.putAll(joiner.joinWhereChanged());
    return tensors;
  }

  /** Under the names of another format; buffers that the component does not need are left out. */
  Map<String, Tensor> converted(KeyMap target) {
    Joiner joiner = new Joiner();
    weights.canonical().forEach((name, placed) -> joiner.add(name, target.stored(name, placed.shape())));
    return joiner.join();
  }

  /** The files' metadata as far as it still holds: hashes of the old weights do not. */
  Map<String, String> metadata() {
    return metadata(files);
  }

  static Map<String, String> metadata(MappedFiles files) {
    Map<String, String> metadata = new HashMap<>(files.metadata());
    metadata.keySet().removeIf(key -> key.toLowerCase(Locale.ROOT).contains("hash"));
    metadata.putAll(SafeTensorsWriter.PYTORCH_METADATA);
    return metadata;
  }

  /** Gathers the canonical names that share a stored tensor, and joins their tensors. */
  private final class Joiner {
    private final Map<String, String[]> parts = new LinkedHashMap<>();
    private final Map<String, Layout> layouts = new HashMap<>();

    void add(String name, StoredName stored) {
      parts.computeIfAbsent(stored.key(), key -> new String[stored.layout().parts()])[stored.layout().partIndex()] =
          name;
      layouts.put(name, stored.layout());
    }

    Map<String, Tensor> join() {
      Map<String, Tensor> joined = new LinkedHashMap<>();
      parts.forEach((key, names) -> joined.put(key, joined(key, names)));
      return joined;
    }

    Map<String, Tensor> joinWhereChanged() {
      parts.values().removeIf(names -> Arrays.stream(names).noneMatch(changed::containsKey));
      return join();
    }

    private Tensor joined(String key, String[] names) {
      if (Arrays.stream(names).anyMatch(Objects::isNull)) {
        throw UserException.failed(
            "%s: not all weights that make up %s are there; fetch the checkpoint again"
                .formatted(weights.origin(), Messages.quoted(key)));
      }
      Tensor[] tensors =
          Arrays.stream(names).map(name -> layouts.get(name).stored(weight(name))).toArray(Tensor[]::new);
      return tensors.length == 1 ? tensors[0] : torch.cat(new TensorVector(tensors));
    }

    private Tensor weight(String name) {
      Tensor replaced = changed.get(name);
      if (replaced != null) {
        return replaced.detach();
      }
      Placed placed = weights.canonical().get(name);
      return placed.layout().view(files.tensor(placed.stored()));
    }
  }
}
