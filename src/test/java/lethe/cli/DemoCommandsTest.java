package lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that a demo's page shows, as a reader pastes them: they run, and find what the page shows. */
@Tag("slow")
class DemoCommandsTest {
  private static final Path LAUNCHER = Path.of("lethe").toAbsolutePath();
  private static final int STYLES = 5;
  private static final int MODELS = 3;
  private static final int GAP = 2; // pixels between a grid's pictures

  /** Of 255, as a mean over a picture. The page's are drawn together, the commands' alone: sums differ in order. */
  private static final double ROUNDING = 1.5;

  private static final Pattern IMAGE = Pattern.compile("<img src=\"data:image/png;base64,([^\"]+)\"");

  @TempDir Path folder;

  @Test
  void theyRepeatWhatThePageShows() throws IOException, InterruptedException {
    run("./lethe demo --count 1 --steps 2 --max-train-steps 2 --iterations 1 --budget 2 --seed 3 --out demo");
    JsonNode figures = new ObjectMapper().readTree(folder.resolve("demo/demo.json").toFile());
    int ran = 0;
    for (JsonNode command : figures.get("commands")) {
      run(command.asText());
      ran++;
    }
    assertEquals(7, ran, "two erasures, three drawings, two attacks");

    List<BufferedImage> shown = cards();
    int model = 0;
    for (String grid : List.of("original.png", "erased-fmn.png", "erased-adv.png")) {
      BufferedImage drawn = ImageIO.read(folder.resolve(grid).toFile());
      int side = shown.get(0).getWidth();
      for (int style = 0; style < STYLES; style++) {
        BufferedImage again = drawn.getSubimage(0, style * (side + GAP), side, side);
        double difference = difference(shown.get(style * MODELS + model), again);
        assertTrue(difference < ROUNDING, grid + ", style " + style + " differs by " + difference);
      }
      model++;
    }
  }

  /** The page's pictures of the erased concept, by style, then by model; before them stands the first card, large. */
  private List<BufferedImage> cards() throws IOException {
    List<BufferedImage> images = new ArrayList<>();
    Matcher image = IMAGE.matcher(Files.readString(folder.resolve("demo/index.html")));
    while (image.find() && images.size() < MODELS * (1 + STYLES)) {
      images.add(ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(image.group(1)))));
    }
    return images.subList(MODELS, images.size());
  }

  private static double difference(BufferedImage one, BufferedImage other) {
    long sum = 0;
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          sum += Math.abs((one.getRGB(x, y) >> shift & 0xff) - (other.getRGB(x, y) >> shift & 0xff));
        }
      }
    }
    return sum / (3.0 * one.getWidth() * one.getHeight());
  }

  private void run(String command) throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    String fromHere = command.replaceFirst("^\\./lethe ", Matcher.quoteReplacement("'" + LAUNCHER + "' "));
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", fromHere);
    shell.directory(folder.toFile()).redirectErrorStream(true);
    shell.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = shell.redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running: " + command);
    assertEquals(0, process.exitValue(), command + "\n" + Files.readString(log));
  }
}
