package lethe.train.classifier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
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
 * A training between two steps, in a safetensors file: weights, their moving average and AdamW's moments. Draws are
 * functions of the step, so no generator needs saving.
 *
 * @param weights by name
 * @param average of the weights, by name
 * @param optimizer of the weights, in their order
 * @param identity what a run that goes on must have in common with the one that was saved
 */
record ClassifierState(
    Map<String, Tensor> weights, Map<String, Tensor> average, Optimizer optimizer, Map<String, String> identity) {
  private static final String KIND = "classifier-state-1";
  private static final String KIND_KEY = "lethe";
  private static final String SETTING = "setting.";
  private static final String STEPS = "steps";
  private static final String WEIGHT = "weight/";
  private static final String AVERAGE = "average/";
  private static final String EXP_AVG = "exp_avg/";
  private static final String EXP_AVG_SQ = "exp_avg_sq/";

  /**
   * Replaces {@code file}.
   *
   * @throws UserException if it cannot be written; the old one is there still
   */
  void save(Path file) {
    Optimizer.State state = optimizer.state();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int i = 0;
    for (String name : weights.keySet()) {
      tensors.put(WEIGHT + name, weights.get(name));
      tensors.put(AVERAGE + name, average.get(name));
      tensors.put(EXP_AVG + name, state.expAvg().get(i));
      tensors.put(EXP_AVG_SQ + name, state.expAvgSq().get(i));
      i++;
    }
    Map<String, String> metadata = new HashMap<>(SafeTensorsWriter.PYTORCH_METADATA);
    metadata.put(KIND_KEY, KIND);
    metadata.put(STEPS, String.valueOf(state.steps()));
    identity.forEach((name, value) -> metadata.put(SETTING + name, value));
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
   * Puts all back as it was.
   *
   * @return how many steps were done
   * @throws UserException if the file is no saved state, or one of another run
   */
  int restore(Path file) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        SafeTensors saved = SafeTensors.open(file)) {
      requireSame(file, saved.metadata());
      List<Tensor> expAvg = new ArrayList<>();
      List<Tensor> expAvgSq = new ArrayList<>();
      List<Tensor> masters = new ArrayList<>();
      for (String name : weights.keySet()) {
        masters.add(saved.tensor(WEIGHT + name));
        expAvg.add(saved.tensor(EXP_AVG + name));
        expAvgSq.add(saved.tensor(EXP_AVG_SQ + name));
        average.get(name).copy_(saved.tensor(AVERAGE + name));
      }
      int steps = Integer.parseInt(saved.metadata().get(STEPS));
      optimizer.restore(new Optimizer.State(steps, expAvg, expAvgSq, masters));
      return steps;
    }
  }

  private void requireSame(Path file, Map<String, String> metadata) {
    if (!KIND.equals(metadata.get(KIND_KEY))) {
      throw UserException.failed(
          file + ": is not the saved state of a classifier's training; give --resume one that is");
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
}
