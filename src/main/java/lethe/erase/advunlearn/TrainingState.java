package lethe.erase.advunlearn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.SafeTensors;
import lethe.checkpoint.SafeTensorsWriter;
import lethe.error.UserException;
import lethe.kernel.Optimizer;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * A run between two iterations, in a safetensors file: trained weights, Adam's moments, the latest adversarial
 * embedding, the losses so far. Draws are functions of their number, so no generator needs saving.
 */
final class TrainingState {
  private static final String KIND = "advunlearn-state-1";
  private static final String KIND_KEY = "lethe";
  private static final String SETTING = "setting.";
  private static final String ADVERSARIAL = "adversarial";
  private static final String HISTORY = "history";
  private static final String STEPS = "adam_steps";
  private static final String WEIGHT = "weight/";
  private static final String EXP_AVG = "exp_avg/";
  private static final String EXP_AVG_SQ = "exp_avg_sq/";
  private static final int COLUMNS = 3;

  private final List<String> names;
  private final Optimizer adam;
  private final Map<String, String> identity;

  /**
   * @param names of the optimiser's parameters, in its order
   * @param identity what a run that goes on must have in common with the one that was saved
   */
  TrainingState(Collection<String> names, Optimizer adam, Map<String, String> identity) {
    this.names = List.copyOf(names);
    this.adam = adam;
    this.identity = identity;
  }

  /**
   * Replaces {@code file}.
   *
   * @param adversarial null if there is none yet
   * @throws UserException if it cannot be written; the old one is there still
   */
  void save(Path file, Tensor adversarial, List<Iteration> history) {
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      Optimizer.State optimized = adam.state();
      put(tensors, WEIGHT, optimized.masters());
      put(tensors, EXP_AVG, optimized.expAvg());
      put(tensors, EXP_AVG_SQ, optimized.expAvgSq());
      tensors.put(HISTORY, pack(history));
      if (adversarial != null) {
        tensors.put(ADVERSARIAL, adversarial);
      }
      Map<String, String> metadata = new HashMap<>(SafeTensorsWriter.PYTORCH_METADATA);
      metadata.put(KIND_KEY, KIND);
      metadata.put(STEPS, String.valueOf(optimized.steps()));
      identity.forEach((name, value) -> metadata.put(SETTING + name, value));
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.deleteIfExists(next);
      SafeTensorsWriter.write(next, tensors, metadata);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw UserException.failed("cannot write %s: %s; check its folder".formatted(file, e.getMessage()), e);
    }
  }

  private void put(Map<String, Tensor> tensors, String prefix, List<Tensor> ofParameters) {
    for (int i = 0; i < names.size(); i++) {
      tensors.put(prefix + names.get(i), ofParameters.get(i));
    }
  }

  /**
   * @param adversarial owned by the scope that was current; null if there is none yet
   * @param history of the iterations that are done
   */
  record Restored(Tensor adversarial, List<Iteration> history) {}

  /**
   * Puts weights and moments back as they were.
   *
   * @throws UserException if the file is no saved state, or one of another run
   */
  Restored restore(Path file) {
    try (Scope scope = new Scope();
        SafeTensors saved = SafeTensors.open(file)) {
      requireSame(file, saved.metadata());
      adam.restore(
          new Optimizer.State(
              Long.parseLong(saved.metadata().get(STEPS)),
              get(saved, EXP_AVG),
              get(saved, EXP_AVG_SQ),
              get(saved, WEIGHT)));
      Tensor adversarial =
          saved.names().contains(ADVERSARIAL) ? scope.keep(placed(saved.tensor(ADVERSARIAL)).clone()) : null;
      return new Restored(adversarial, unpack(saved.tensor(HISTORY)));
    }
  }

  private List<Tensor> get(SafeTensors saved, String prefix) {
    return names.stream().map(name -> saved.tensor(prefix + name)).toList();
  }

  /** Beside the parameters, on their device. */
  private Tensor placed(Tensor tensor) {
    return Device.of(adam.state().masters().get(0)).place(tensor);
  }

  private void requireSame(Path file, Map<String, String> metadata) {
    if (!KIND.equals(metadata.get(KIND_KEY))) {
      throw UserException.failed(file + ": is not the saved state of an AdvUnlearn run; give --resume one that is");
    }
    identity.forEach(
        (name, value) -> {
          String was = metadata.get(SETTING + name);
          if (!value.equals(was)) {
            throw UserException.usage(
                "%s: was saved by a run with %s %s, this one has %s; give the same options as then"
                    .formatted(file, name, was, value));
          }
        });
  }

  private static Tensor pack(List<Iteration> history) {
    double[] values = new double[history.size() * COLUMNS];
    for (int i = 0; i < history.size(); i++) {
      Iteration iteration = history.get(i);
      values[i * COLUMNS] = iteration.attackLoss();
      values[i * COLUMNS + 1] = iteration.erasingLoss();
      values[i * COLUMNS + 2] = iteration.retainLoss();
    }
    return Tensor.create(values, history.size(), COLUMNS).to(DType.F64.scalarType());
  }

  private static List<Iteration> unpack(Tensor values) {
    List<Iteration> history = new ArrayList<>();
    for (int i = 0; i < values.size(0); i++) {
      try (Scope scope = new Scope()) {
        Tensor row = values.select(0, i);
        history.add(
            new Iteration(
                i + 1, row.select(0, 0).item_double(), row.select(0, 1).item_double(), row.select(0, 2).item_double()));
      }
    }
    return history;
  }
}
