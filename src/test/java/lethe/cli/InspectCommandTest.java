package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/sd1-tiny");
  private static final String UNET_WEIGHTS = "unet/diffusion_pytorch_model.safetensors";

  private final Capture capture = new Capture();

  @TempDir Path folder;

  private int inspect(Path path, String... options) throws Exception {
    InspectCommand command = new InspectCommand();
    List<String> words = Stream.concat(Stream.of(path.toString()), Stream.of(options)).toList();
    return command.run(new ArgumentParser(command.syntax()).parse(words), capture.terminal(false));
  }

  private JsonNode json(Path path, String... options) throws Exception {
    inspect(path, Stream.concat(Stream.of("--json"), Stream.of(options)).toArray(String[]::new));
    return new ObjectMapper().readTree(capture.out());
  }

  private Path copyOfModel() throws IOException {
    Path copy = folder.resolve("model");
    try (Stream<Path> files = Files.walk(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(MODEL.relativize(file).toString()));
      }
    }
    return copy;
  }

  @Test
  void describesAFolder() throws Exception {
    assertEquals(ExitCode.OK, inspect(MODEL));
    List<String> lines = capture.out().lines().toList();
    assertTrue(lines.get(0).startsWith(MODEL + ": diffusers folder, 1,007,411 parameters, "), lines.get(0));
    assertTrue(lines.contains("unet  UNet2DConditionModel"), capture.out());
    assertTrue(lines.contains("  sample_size 16, in_channels 4, cross_attention_dim 32"), capture.out());
    assertTrue(lines.contains("  827,476 parameters in 684 tensors: fp32"), capture.out());
    assertEquals("missing: nothing", lines.get(lines.size() - 1));
  }

  @Test
  void theSingleFileHoldsTheSameModel() throws Exception {
    JsonNode file = json(MODEL.resolve("single-file.safetensors"));
    assertEquals("single_file", file.get("format").textValue());
    assertEquals(1_007_411, file.get("parameters").intValue());
    assertEquals(Files.size(MODEL.resolve("single-file.safetensors")), file.get("bytes").longValue());
  }

  @Test
  void listsTensorsWithTypesAndShapes() throws Exception {
    JsonNode unet = json(MODEL, "--tensors").at("/components/unet");
    assertEquals(684, unet.get("tensors").size());
    JsonNode first = StreamSupport.stream(unet.get("tensors").spliterator(), false)
        .filter(tensor -> tensor.get("name").textValue().equals("conv_in.weight"))
        .findFirst()
        .orElseThrow();
    assertEquals("fp32", first.get("dtype").textValue());
    assertEquals("[16,4,3,3]", first.get("shape").toString());
    assertEquals(MODEL.resolve(UNET_WEIGHTS).toString(), first.get("file").textValue());
  }

  @Test
  void tensorsAreListedOnDemandOnly() throws Exception {
    inspect(MODEL);
    assertFalse(capture.out().contains("conv_in.weight"));
    inspect(MODEL, "--tensors");
    assertTrue(capture.out().contains("conv_in.weight"));
  }

  @Test
  void namesWhatIsMissing() throws Exception {
    Path model = copyOfModel();
    Files.delete(model.resolve(UNET_WEIGHTS));
    assertEquals(ExitCode.FAILED, inspect(model));
    assertTrue(capture.out().endsWith("missing: " + UNET_WEIGHTS + "\n"), capture.out());
    assertTrue(capture.out().contains("vae  AutoencoderKL"), capture.out());
  }

  @Test
  void namesWhatIsDamagedAndGoesOn() throws Exception {
    Path model = copyOfModel();
    Files.write(model.resolve(UNET_WEIGHTS), new byte[] {1, 2, 3});
    assertEquals(ExitCode.FAILED, inspect(model));
    assertTrue(capture.out().contains("\n  PROBLEM  " + model.resolve(UNET_WEIGHTS)), capture.out());
    assertTrue(capture.out().contains("vae  AutoencoderKL"), capture.out());
  }

  @Test
  void whatIsNoCheckpointIsRefused() {
    assertThrows(UserException.class, () -> inspect(folder));
  }
}
