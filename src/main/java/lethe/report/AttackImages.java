package lethe.report;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import lethe.attack.prompt.AttackRun;
import lethe.image.PngWriter;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** The images in which an erased concept is seen, on their way to PNG files. Owns them until it is closed. */
public final class AttackImages implements AttackRun.ImageSink, AutoCloseable {
  private final Map<String, Tensor> images = new LinkedHashMap<>();

  @Override
  public void shows(int prompt, boolean attacked, Tensor image) {
    images.put("%05d-%s.png".formatted(prompt + 1, attacked ? "attacked" : "as-it-is"), Scope.own(image));
  }

  /**
   * Writes them as {@code 00001-attacked.png}, numbered as the prompts are from 1.
   *
   * @throws lethe.error.UserException if one cannot be written
   */
  public void write(Path folder) {
    images.forEach((name, image) -> PngWriter.write(folder.resolve(name), image, Map.of()));
  }

  @Override
  public void close() {
    images.values().forEach(Tensor::releaseReference);
    images.clear();
  }
}
