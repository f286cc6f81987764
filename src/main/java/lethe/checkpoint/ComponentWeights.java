package lethe.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the weights of one component lie: in which files, under which keys, in which layout. Reads headers only. */
final class ComponentWeights {
  /** One tensor of a file. */
  record StoredTensor(Path file, String key, TensorInfo info) {
    @Override
    public String toString() {
      return file + ": " + Messages.quoted(key);
    }
  }

  /** A canonical tensor's place: it is stored in {@code stored}, in this layout. */
  record Placed(StoredTensor stored, Layout layout) {
    long[] shape() {
      return layout.shape(stored.info().shape());
    }
  }

  private final Component component;
  private final List<Path> files;
  private final List<StoredTensor> stored = new ArrayList<>();
  private final Map<String, Placed> canonical = new LinkedHashMap<>();

  /**
   * @param files in reading order
   * @param tensors the component's tensors, in the order of the files
   */
  ComponentWeights(Component component, List<Path> files, Collection<StoredTensor> tensors, KeyMap keys) {
    this.component = component;
    this.files = List.copyOf(files);
    for (StoredTensor tensor : tensors) {
      stored.add(tensor);
      keys.canonical(tensor.key(), tensor.info().shape()).forEach((name, layout) -> place(name, tensor, layout));
    }
  }

  private void place(String name, StoredTensor tensor, Layout layout) {
    if (!layout.fits(tensor.info().shape())) {
      throw Messages.damaged(
          tensor.file(),
          tensor.key(),
          "shape %s does not fit its place".formatted(Messages.shape(tensor.info().shape())));
    }
    Placed other = canonical.putIfAbsent(name, new Placed(tensor, layout));
    if (other != null) {
      throw Messages.damaged(
          tensor.file(), tensor.key(), "holds the same weight as " + Messages.quoted(other.stored().key()));
    }
  }

  Component component() {
    return component;
  }

  List<Path> files() {
    return files;
  }

  /** The file, or the folder of the files: for messages about what is in none of them. */
  Path origin() {
    return files.size() == 1 ? files.get(0) : files.get(0).resolveSibling("");
  }

  /** All tensors of the component as stored, including buffers it does not need. */
  List<StoredTensor> stored() {
    return Collections.unmodifiableList(stored);
  }

  /** The weights by canonical name, in the order of the files. */
  Map<String, Placed> canonical() {
    return Collections.unmodifiableMap(canonical);
  }
}
