package lethe.checkpoint;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights of one component under their canonical names: those of the newest diffusers and transformers.
 *
 * <p>A model takes every weight it needs, saying which shape it must have, and then calls {@link #requireAllTaken()}:
 * so a weight that is missing, unknown, of the wrong shape or not finite is an error that names it. Close it once the
 * model is built; what was taken stays valid.
 */
public final class StateDict implements Weights, AutoCloseable {
  private static final int LISTED = 3;

  private final ComponentWeights weights;
  private final DType dtype;
  private final MappedFiles files;
  private final Set<String> taken = new HashSet<>();

  /**
   * Maps the weights' files.
   *
   * @param dtype type to which weights are converted when taken
   */
  StateDict(ComponentWeights weights, DType dtype) {
    this.weights = weights;
    this.dtype = dtype;
    this.files = new MappedFiles(weights.files());
  }

  public Component component() {
    return weights.component();
  }

  /** Canonical names, in the order of the files. */
  public Set<String> names() {
    return weights.canonical().keySet();
  }

  @Override
  public boolean contains(String name) {
    return names().contains(name);
  }

  /**
   * Shape of a weight, without reading it.
   *
   * @throws UserException if there is no such weight
   */
  public long[] shape(String name) {
    return placed(name).shape();
  }

  /**
   * Type in which a weight is stored.
   *
   * @throws UserException if there is no such weight
   */
  public DType storedDType(String name) {
    return placed(name).stored().info().dtype();
  }

  /**
   * Where a weight comes from: its file and the key it has there.
   *
   * @throws UserException if there is no such weight
   */
  public String source(String name) {
    return placed(name).stored().toString();
  }

  /**
   * Takes a weight: a view of the mapped file if it is stored in the type asked for, else a converted copy. Writing
   * into it never changes the file. It belongs to the current {@link Scope}.
   *
   * @param name canonical name
   * @param shape the shape it must have
   * @throws UserException if the weight is missing, has another shape, is not of a floating point type, or has an
   *     element that is not finite
   */
  @Override
  public Tensor take(String name, long... shape) {
    ComponentWeights.Placed placed = placed(name);
    ComponentWeights.StoredTensor stored = placed.stored();
    if (!Arrays.equals(placed.shape(), shape)) {
      throw UserException.failed(
          "%s (%s of the %s): shape is %s, its config asks for %s; give the config that belongs to these weights"
              .formatted(
                  stored, Messages.quoted(name), label(), Messages.shape(placed.shape()), Messages.shape(shape)));
    }
    if (!stored.info().dtype().isFloat()) {
      throw UserException.failed(
          "%s (%s of the %s): is of type %s, a weight must be F32, F16 or BF16; convert the file"
              .formatted(stored, Messages.quoted(name), label(), stored.info().dtype()));
    }
    try (Scope scope = new Scope()) {
      Tensor tensor = placed.layout().view(files.tensor(stored));
      requireFinite(name, tensor);
      taken.add(name);
      return scope.keep(tensor.to(dtype.scalarType()));
    }
  }

  /**
   * Checks that nothing is left.
   *
   * @throws UserException if there are weights that nobody took; names the first few
   */
  @Override
  public void requireAllTaken() {
    List<String> left = names().stream().filter(name -> !taken.contains(name)).toList();
    if (!left.isEmpty()) {
      String listed =
          left.stream()
              .limit(LISTED)
              .map(name -> Messages.quoted(placed(name).stored().key()))
              .collect(Collectors.joining(", "));
      throw UserException.failed(
          "%s: %d weights of the %s are unknown to its config: %s%s; give the config that belongs to these weights"
              .formatted(
                  placed(left.get(0)).stored().file(),
                  left.size(),
                  label(),
                  listed,
                  left.size() > LISTED ? ", ..." : ""));
    }
  }

  /** Gives up the files; weights taken from them stay valid. */
  @Override
  public void close() {
    files.close();
  }

  private void requireFinite(String name, Tensor tensor) {
    // A sum is finite only if every element is, and far cheaper than isfinite; one that overflows proves nothing.
    Tensor sum = tensor.sum(new ScalarTypeOptional(DType.F32.scalarType()));
    if (!sum.isfinite().item_bool() && !tensor.isfinite().all().item_bool()) {
      long broken = tensor.numel() - tensor.isfinite().sum().item_long();
      throw UserException.failed(
          "%s (%s of the %s): %d of its %d elements are NaN or infinite; the checkpoint is broken: use another one"
              .formatted(placed(name).stored(), Messages.quoted(name), label(), broken, tensor.numel()));
    }
  }

  private ComponentWeights.Placed placed(String name) {
    ComponentWeights.Placed placed = weights.canonical().get(name);
    if (placed == null) {
      throw UserException.failed(
          "%s: weight %s of the %s is missing; give the config that belongs to these weights, or fetch them again"
              .formatted(weights.origin(), Messages.quoted(name), label()));
    }
    return placed;
  }

  private String label() {
    return component().folder().replace('_', ' ');
  }
}
