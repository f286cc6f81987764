package lethe.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * All weights of a network in one safetensors file, under the network's own names: for networks that are no part of a
 * Stable Diffusion checkpoint. As strict as {@link StateDict}; what was taken stays valid after {@link #close()}.
 */
public final class WeightsFile implements Weights, AutoCloseable {
  private static final int LISTED = 3;
  private static final String MEND = "give the config that belongs to these weights, or fetch them again";

  private final SafeTensors file;
  private final DType dtype;
  private final Set<String> taken = new HashSet<>();

  /**
   * Maps the file.
   *
   * @param dtype type to which weights are converted when taken
   * @throws UserException if it is missing, cannot be read or is damaged
   */
  public WeightsFile(Path file, DType dtype) {
    this.file = SafeTensors.open(file);
    this.dtype = dtype;
  }

  @Override
  public boolean contains(String name) {
    return file.names().contains(name);
  }

  @Override
  public Tensor take(String name, long... shape) {
    if (!contains(name)) {
      throw broken(name, "is missing", MEND);
    }
    TensorInfo info = file.info(name);
    if (!Arrays.equals(info.shape(), shape)) {
      throw broken(
          name, "has shape %s, its config asks for %s".formatted(Messages.shape(info.shape()), Messages.shape(shape)),
          MEND);
    }
    if (!info.dtype().isFloat()) {
      throw broken(name, "is of type %s, a weight must be F32, F16 or BF16".formatted(info.dtype()), MEND);
    }
    try (Scope scope = new Scope()) {
      Tensor weight = file.tensor(name).to(dtype.scalarType());
      if (!weight.isfinite().all().item_bool()) {
        throw broken(name, "holds NaN or infinite elements", "use another file");
      }
      taken.add(name);
      return scope.keep(weight);
    }
  }

  @Override
  public void requireAllTaken() {
    List<String> left = file.names().stream().filter(name -> !taken.contains(name)).toList();
    if (!left.isEmpty()) {
      String listed = left.stream().limit(LISTED).map(Messages::quoted).collect(Collectors.joining(", "));
      throw UserException.failed(
          "%s: %d weights are unknown to its config: %s%s; %s"
              .formatted(file.file(), left.size(), listed, left.size() > LISTED ? ", ..." : "", MEND));
    }
  }

  private UserException broken(String name, String what, String mend) {
    return UserException.failed("%s: weight %s %s; %s".formatted(file.file(), Messages.quoted(name), what, mend));
  }

  /** Gives up the file. */
  @Override
  public void close() {
    file.close();
  }
}
