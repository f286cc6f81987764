package lethe.erase.advunlearn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.SafeTensors;
import lethe.checkpoint.SavedState;
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
  private static final String ADVERSARIAL = "adversarial";
  private static final String HISTORY = "history";
  private static final String STEPS = "adam_steps";
  private static final String WEIGHT = "weight/";
  private static final String EXP_AVG = "exp_avg/";
  private static final String EXP_AVG_SQ = "exp_avg_sq/";
  private static final int COLUMNS = 3;

  private final List<String> names;
  private final Optimizer adam;
  private final SavedState form;

  /**
   * @param names of the optimiser's parameters, in its order
   * @param identity what a run that goes on must have in common with the one that was saved
   */
  TrainingState(Collection<String> names, Optimizer adam, Map<String, String> identity) {
    this.names = List.copyOf(names);
    this.adam = adam;
    form = new SavedState(KIND, "an AdvUnlearn run", identity);
  }

  /**
   * Replaces {@code file}.
   *
   * @param adversarial null if there is none yet
   * @throws lethe.error.UserException if it cannot be written; the old one is there still
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
      form.replace(file, tensors, Map.of(STEPS, String.valueOf(optimized.steps())));
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
   * @throws lethe.error.UserException if the file is no saved state, or one of another run
   */
  Restored restore(Path file) {
    try (Scope scope = new Scope();
        SafeTensors saved = SafeTensors.open(file)) {
      form.requireSame(file, saved);
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
