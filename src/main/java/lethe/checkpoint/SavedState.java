package lethe.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import lethe.error.UserException;
import org.bytedeco.pytorch.Tensor;

/**
 * The form of a safetensors file from which a run goes on: what kind of run saved it, and under which settings.
 *
 * @param kind stands in the file, such as {@code advunlearn-state-1}
 * @param run what a user calls such a run, such as {@code an AdvUnlearn run}
 * @param settings what a run that goes on must have in common with the one that saved
 */
public record SavedState(String kind, String run, Map<String, String> settings) {
  private static final String KIND = "lethe";
  private static final String SETTING = "setting.";

  /**
   * Replaces {@code file}.
   *
   * @param more further metadata
   * @throws UserException if it cannot be written; the old one is there still
   */
  public void replace(Path file, Map<String, Tensor> tensors, Map<String, String> more) {
    Map<String, String> metadata = new HashMap<>(SafeTensorsWriter.PYTORCH_METADATA);
    metadata.putAll(more);
    metadata.put(KIND, kind);
    settings.forEach((name, value) -> metadata.put(SETTING + name, value));
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
   * Refuses a file that another kind of run saved, or one with other settings.
   *
   * @throws UserException if it is such a file
   */
  public void requireSame(Path file, SafeTensors saved) {
    Map<String, String> metadata = saved.metadata();
    if (!kind.equals(metadata.get(KIND))) {
      throw UserException.failed("%s: is not the saved state of %s; give --resume one that is".formatted(file, run));
    }
    settings.forEach(
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
