package lethe.cli;

import java.nio.file.Path;
import lethe.checkpoint.Checkpoint;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.tensor.Device;
import lethe.tensor.Threads;

/** The options of every command that loads a checkpoint. */
final class ModelFlags {
  static final Flag<Path> MODEL =
      Flag.path("model", "CHECKPOINT", "a diffusers folder or a single .safetensors file").mandatory();
  static final Flag<Path> CONFIG =
      Flag.path("config", "DIR", "diffusers folder whose configs and tokenizer a single file uses")
          .orElseShown("the file's own folder, or Stable Diffusion's");
  static final Flag<Integer> THREADS =
      Flag.integer("threads", Range.between(1, 1024), "threads inside one operation")
          .orElseShown("one per core, or one in all for a small model");

  static final Flag<Device> DEVICE =
      Flag.of("device", "cpu|cuda[:n]", Device.SYNTAX, "where the networks run", Device::parse).orElse(Device.CPU);

  /** Below this many UNet parameters, handing work to a second thread takes longer than doing it. */
  private static final long SMALL_UNET = 50_000_000;

  /** Set by the launcher, unless the user has chosen OPENBLAS_NUM_THREADS. */
  private static final boolean BLAS_THREADS_ARE_OURS = Boolean.getBoolean("lethe.blas.threads");

  private ModelFlags() {}

  /** @param provider of the attention: where it is LibTorch's own, OpenBLAS's threads would fight for the cores in it */
  static void applyThreads(Arguments arguments, StableDiffusion model, Provider provider) {
    if (arguments.has(THREADS)) {
      Threads.set(arguments.get(THREADS));
    } else if (model.unet().parameterCount() < SMALL_UNET) {
      Threads.set(1);
    }
    boolean free = provider.on(model.device()) == Provider.NATIVE;
    if (BLAS_THREADS_ARE_OURS && free && model.unet().parameterCount() >= SMALL_UNET) {
      Threads.shareWithBlas();
    }
  }

  /** @throws lethe.error.UserException if a GPU is asked for that cannot be used; names all that is missing */
  static Device device(Arguments arguments) {
    return arguments.get(DEVICE).checked();
  }

  static Checkpoint open(Arguments arguments) {
    return Checkpoint.open(arguments.get(MODEL), arguments.find(CONFIG).orElse(null));
  }
}
