package lethe.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lethe.image.ImageGrid;
import lethe.image.PngWriter;
import lethe.tensor.Scope;
import lethe.train.vae.VaeTraining;
import org.bytedeco.pytorch.Tensor;

/** What an autoencoder in training makes of images: a row of them, and below each what comes back. */
public final class RestoredSheet {
  private static final int COLUMNS = 16;

  private RestoredSheet() {}

  /**
   * @param images how many the training has
   * @throws lethe.error.UserException if the file cannot be written
   */
  public static void write(VaeTraining training, long images, Path file) {
    try (Scope scope = new Scope()) {
      Tensor sheet = training.restored(Math.min(COLUMNS, images));
      long columns = sheet.size(0) / 2;
      List<List<Tensor>> rows = List.of(new ArrayList<>(), new ArrayList<>());
      for (long i = 0; i < sheet.size(0); i++) {
        rows.get((int) (i / columns)).add(sheet.select(0, i));
      }
      PngWriter.write(file, ImageGrid.of(rows), Map.of());
    }
  }
}
