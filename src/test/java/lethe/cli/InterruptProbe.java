package lethe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import lethe.checkpoint.AtomicOutput;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.global.torch;

/**
 * The child process of {@link InterruptTest}. While it writes a folder, it steps until interrupted if it is
 * {@code polite}, for good if it is {@code deaf}, for good inside of LibTorch if it is {@code computing}, and for good
 * without an {@link Interrupt} if it is {@code plain}.
 */
final class InterruptProbe {
  private InterruptProbe() {}

  /** Arguments: the manner, and the folder to write. */
  public static void main(String[] args) {
    Interrupt.haltOnSignals();
    AtomicOutput.folder(Path.of(args[1]), folder -> {
      Files.writeString(folder.resolve("weights"), "half");
      switch (args[0]) {
        case "polite" -> stepUntilInterrupted(true, () -> {});
        case "deaf" -> stepUntilInterrupted(false, () -> {});
        case "computing" -> stepUntilInterrupted(false, InterruptProbe::compute);
        default -> step(() -> true, () -> {});
      }
    });
    System.exit(ExitCode.INTERRUPTED);
  }

  private static void stepUntilInterrupted(boolean polite, Runnable work) throws IOException {
    try (Interrupt interrupt = Interrupt.install(Terminal.system())) {
      step(() -> !polite || !interrupt.requested(), work);
    }
  }

  private static void step(BooleanSupplier more, Runnable work) throws IOException {
    System.out.println("ready");
    while (more.getAsBoolean()) {
      work.run();
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  private static void compute() {
    try (Scope scope = new Scope()) {
      torch.ones(1000, 1000).matmul(torch.ones(1000, 1000));
    }
  }
}
