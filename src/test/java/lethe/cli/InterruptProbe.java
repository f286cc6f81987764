package lethe.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.global.torch;

/**
 * The child process of {@link InterruptTest}. It steps until interrupted if it is {@code polite}, for good if it is
 * {@code deaf}, for good inside of LibTorch if it is {@code computing}, and for good after handing Ctrl-C back to the
 * JVM if it is {@code closed}.
 */
final class InterruptProbe {
  private InterruptProbe() {}

  /** Arguments: the manner, and a folder to write a temporary folder into. */
  public static void main(String[] args) throws Exception {
    boolean polite = args[0].equals("polite");
    Path temporary = Files.createDirectory(Path.of(args[1], "unfinished"));
    Files.writeString(temporary.resolve("weights"), "half");
    try (Interrupt interrupt = Interrupt.install(Terminal.system())) {
      interrupt.deleteOnHalt(temporary);
      if (args[0].equals("closed")) {
        interrupt.close();
      }
      System.out.println("ready");
      while (!polite || !interrupt.requested()) {
        if (args[0].equals("computing")) {
          compute();
        }
        Thread.sleep(1);
      }
      Files.move(temporary, Path.of(args[1], "written"));
      interrupt.keep(temporary);
    }
    System.exit(ExitCode.INTERRUPTED);
  }

  private static void compute() {
    try (Scope scope = new Scope()) {
      torch.ones(1000, 1000).matmul(torch.ones(1000, 1000));
    }
  }
}
