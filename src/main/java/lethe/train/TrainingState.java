package lethe.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.checkpoint.SafeTensors;
import lethe.checkpoint.SafeTensorsWriter;
import lethe.error.UserException;
import lethe.kernel.Optimizer;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A training between two steps, in a safetensors file: weights, their moving average, AdamW's moments. What a step draws
 * is a function of the seed and its number, so no generator needs saving.
 *
 * @param kind of training, such as {@code train vae}
 * @param identity what a run that goes on must have in common with the one that was saved, by option
 * @param weights by name, in the optimiser's order
 * @param averages by the same names
 */
public record TrainingState(
    String kind,
    Map<String, String> identity,
    Map<String, Tensor> weights,
    Map<String, Tensor> averages,
    Optimizer optimizer) {
  private static final String KIND_KEY = "lethe";
  private static final String STEPS = "steps";
  private static final String SETTING = "setting.";
  private static final String WEIGHT = "weight/";
  private static final String AVERAGE = "average/";
  private static final String EXP_AVG = "exp_avg/";
  private static final String EXP_AVG_SQ = "exp_avg_sq/";

  /**
   * Replaces {@code file}.
   *
   * @throws UserException if it cannot be written; the old one is there still
   */
  public void save(Path file) {
    Optimizer.State state = optimizer.state();
    Map<String, String> metadata = new HashMap<>(SafeTensorsWriter.PYTORCH_METADATA);
    metadata.put(KIND_KEY, kind);
    metadata.put(STEPS, String.valueOf(state.steps()));
    identity.forEach((name, value) -> metadata.put(SETTING + name, value));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int i = 0;
    for (String name : weights.keySet()) {
      tensors.put(WEIGHT + name, weights.get(name));
      tensors.put(AVERAGE + name, averages.get(name));
      tensors.put(EXP_AVG + name, state.expAvg().get(i));
      tensors.put(EXP_AVG_SQ + name, state.expAvgSq().get(i));
      i++;
    }
    try {
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.deleteIfExists(next);
      SafeTensorsWriter.write(next, tensors, metadata);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw UserException.failed("cannot write %s: %s; check its folder".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Puts everything back as it was.
   *
   * @throws UserException if the file is no saved state, or one of another training
   */
  public void restore(Path file) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        SafeTensors saved = SafeTensors.open(file)) {
      requireSame(file, saved.metadata());
      weights.forEach((name, weight) -> weight.copy_(saved.tensor(WEIGHT + name)));
      averages.forEach((name, average) -> average.copy_(saved.tensor(AVERAGE + name)));
      optimizer.restore(
          new Optimizer.State(
              Long.parseLong(saved.metadata().get(STEPS)),
              tensors(saved, EXP_AVG),
              tensors(saved, EXP_AVG_SQ),
              List.copyOf(weights.values())));
    }
  }

  private List<Tensor> tensors(SafeTensors saved, String prefix) {
    return weights.keySet().stream().map(name -> saved.tensor(prefix + name)).toList();
  }

  private void requireSame(Path file, Map<String, String> metadata) {
    if (!kind.equals(metadata.get(KIND_KEY))) {
      throw UserException.failed("%s: is not the saved state of '%s'; give --resume one that is".formatted(file, kind));
    }
    identity.forEach(
        (name, value) -> {
          String was = metadata.get(SETTING + name);
          if (!value.equals(was)) {
            throw UserException.usage(
                "%s: was saved by a training with %s %s, this one has %s; give the same as then"
                    .formatted(file, name, was, value));
          }
        });
  }
}
