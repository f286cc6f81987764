package lethe.cli;

import java.nio.file.Path;
import lethe.checkpoint.Checkpoint;
import lethe.tensor.Threads;

/** The options of every command that loads a checkpoint. */
final class ModelFlags {
  static final Flag<Path> MODEL =
      Flag.path("model", "CHECKPOINT", "a diffusers folder or a single .safetensors file").mandatory();
  static final Flag<Path> CONFIG =
      Flag.path("config", "DIR", "diffusers folder whose configs and tokenizer a single file uses")
          .orElseShown("the file's own folder, or Stable Diffusion's");
  static final Flag<Integer> THREADS =
      Flag.integer("threads", Range.between(1, 1024), "threads inside one operation").orElseShown("one per core");

  private ModelFlags() {}

  static void applyThreads(Arguments arguments) {
    arguments.find(THREADS).ifPresent(Threads::set);
  }

  static Checkpoint open(Arguments arguments) {
    return Checkpoint.open(arguments.get(MODEL), arguments.find(CONFIG).orElse(null));
  }
}
