package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lethe.checkpoint.SafeTensors;
import lethe.tensor.DType;
import lethe.train.FourPictures;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that train a model's parts, on four pictures. */
class TrainCommandTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/sd1-tiny");

  @TempDir Path folder;
  private Path data;
  private Path like = GOLDEN;

  @BeforeEach
  void writeDataset() throws IOException {
    data = Files.createDirectory(folder.resolve("data"));
    FourPictures.write(data, 64);
  }

  private Capture train(int expected, String part, String out, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "train", part, "--data", data.toString(), "--like", like.toString(),
                "--out", folder.resolve(out).toString(), "--train-batch-size", "2", "--save-interval", "2"));
    args.addAll(List.of(more));
    Capture capture = new Capture();
    int status = new Main(Commands.ALL, capture.terminal(false)).run(args.toArray(String[]::new));
    assertEquals(expected, status, capture.err());
    return capture;
  }

  private static DType dtype(Path file) {
    try (SafeTensors weights = SafeTensors.open(file)) {
      return weights.info(weights.names().iterator().next()).dtype();
    }
  }

  @Test
  void aVaeAndThenAModelOnTopOfIt() {
    train(ExitCode.OK, "vae", "vae", "--max-train-steps", "3");
    for (String file : List.of("vae.state.safetensors", "vae.000002.png", "vae.000003.png", "vae/model_index.json")) {
      assertTrue(Files.isRegularFile(folder.resolve(file)), file);
    }
    like = folder.resolve("vae");
    Capture capture = train(ExitCode.OK, "diffusion", "model", "--max-train-steps", "2", "--save-dtype", "fp16");
    assertEquals(folder.resolve("model").toString(), capture.out().strip());
    assertEquals(DType.F16, dtype(folder.resolve("model/unet/diffusion_pytorch_model.safetensors")));
    assertEquals(DType.F32, dtype(folder.resolve("model/vae/diffusion_pytorch_model.safetensors")));
    assertTrue(Files.isRegularFile(folder.resolve("model.000002.png")));
  }

  @Test
  void aFinishedTrainingGoesOnUnderAnotherName() throws IOException {
    train(ExitCode.OK, "vae", "vae", "--max-train-steps", "2");
    Files.move(folder.resolve("vae"), folder.resolve("vae-2"));
    Capture again = train(ExitCode.USAGE, "vae", "vae", "--max-train-steps", "3");
    assertTrue(again.err().contains("exists; give --resume"), again.err());
    Capture resumed = train(ExitCode.OK, "vae", "vae", "--max-train-steps", "3", "--resume");
    assertTrue(resumed.err().contains("3/3"), resumed.err());
    assertTrue(Files.isDirectory(folder.resolve("vae")));
  }

  @Test
  void whatCannotBeResumedIsSaidInOneLine() {
    Capture nothing = train(ExitCode.USAGE, "vae", "vae", "--max-train-steps", "3", "--resume");
    assertTrue(nothing.err().contains("vae.state.safetensors: does not exist"), nothing.err());
    train(ExitCode.OK, "vae", "vae", "--max-train-steps", "2");
    folder.resolve("vae").toFile().renameTo(folder.resolve("old").toFile());
    Capture other = train(ExitCode.USAGE, "vae", "vae", "--max-train-steps", "3", "--resume", "--seed", "5");
    assertTrue(other.err().contains("with seed 0, this one has 5"), other.err());
    assertFalse(Files.exists(folder.resolve("vae")));
  }

  @Test
  void moreWorkersThanImagesAreRefused() {
    Capture capture = train(ExitCode.USAGE, "diffusion", "model", "--max-train-steps", "2", "--workers", "3");
    assertTrue(capture.err().contains("--workers 3: more than the 2 images of a step"), capture.err());
  }

  @Test
  void aFolderThatIsNoDataSetIsNamed() {
    data = folder;
    Capture capture = train(ExitCode.FAILED, "diffusion", "model", "--max-train-steps", "2");
    assertTrue(capture.err().contains("dataset.json"), capture.err());
    assertEquals(1, capture.err().lines().count(), capture.err());
  }
}
