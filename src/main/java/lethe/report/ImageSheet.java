package lethe.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lethe.image.ImageGrid;
import lethe.image.PngWriter;
import lethe.model.SamplingSettings;
import lethe.model.StableDiffusion;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** Images drawn by a model, in rows, on their way to PNG files. Owns them until it is closed. */
public final class ImageSheet implements AutoCloseable {
  private final StableDiffusion model;
  private final int width;
  private final int height;
  private final List<List<Tensor>> rows = new ArrayList<>();

  /**
   * @param width of every image, in pixels
   * @param height of every image, in pixels
   */
  public ImageSheet(StableDiffusion model, int width, int height) {
    this.model = model;
    this.width = width;
    this.height = height;
  }

  public void startRow() {
    rows.add(new ArrayList<>());
  }

  /** Draws one more image into the current row. The same seed, settings and size give the same image. */
  public void draw(SamplingSettings settings, long seed) {
    try (Scope scope = new Scope()) {
      Tensor latents = model.sample(model.startLatents(seed, height, width), settings, step -> {});
      currentRow().add(Scope.own(model.decode(latents).select(0, 0)));
    }
  }

  /**
   * Writes the image drawn last.
   *
   * @param text chunks of the PNG file by keyword
   * @throws lethe.error.UserException if the file cannot be written
   */
  public void writeLast(Path file, Map<String, String> text) {
    PngWriter.write(file, currentRow().get(currentRow().size() - 1), text);
  }

  /** Writes all images as one; as {@link #writeLast} in all else. */
  public void writeGrid(Path file, Map<String, String> text) {
    try (Scope scope = new Scope()) {
      PngWriter.write(file, ImageGrid.of(rows), text);
    }
  }

  private List<Tensor> currentRow() {
    return rows.get(rows.size() - 1);
  }

  @Override
  public void close() {
    rows.forEach(row -> row.forEach(Tensor::releaseReference));
    rows.clear();
  }
}
