package lethe.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.evaluate.JudgedPicture;
import lethe.image.ImageGrid;
import lethe.image.PngWriter;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a model draws, at a glance: the first picture of each concept in each style, and without one. Blocks of 16
 * concepts stand one below the other, each with a row per style; what was not asked for stays white. Owns the pictures
 * until it is closed.
 */
public final class ContactSheet implements AutoCloseable {
  private static final int COLUMNS = 16;

  private final Map<String, Map<String, Tensor>> pictures = new LinkedHashMap<>(); // concept, style

  /** @param images [B, 3, H, W], the pictures' own; they stay the caller's */
  public void add(List<JudgedPicture> judged, Tensor images) {
    for (int i = 0; i < judged.size(); i++) {
      Map<String, Tensor> styles =
          pictures.computeIfAbsent(judged.get(i).request().concept(), concept -> new LinkedHashMap<>());
      if (!styles.containsKey(judged.get(i).request().style())) {
        try (Scope scope = new Scope()) {
          styles.put(judged.get(i).request().style(), Scope.own(images.select(0, i).clone()));
        }
      }
    }
  }

  /**
   * @param text chunks of the PNG file by keyword
   * @throws lethe.error.UserException if the file cannot be written
   */
  public void write(Path file, Map<String, String> text) {
    List<Map<String, Tensor>> concepts = List.copyOf(pictures.values());
    try (Scope scope = new Scope()) {
      Tensor blank = torch.ones_like(concepts.get(0).values().iterator().next()); // white
      List<List<Tensor>> rows = new ArrayList<>();
      for (int start = 0; start < concepts.size(); start += COLUMNS) {
        List<Map<String, Tensor>> block = concepts.subList(start, Math.min(concepts.size(), start + COLUMNS));
        for (String style : styles(block)) {
          rows.add(block.stream().map(of -> of.getOrDefault(style, blank)).toList());
        }
      }
      PngWriter.write(file, ImageGrid.of(rows), text);
    }
  }

  private static List<String> styles(List<Map<String, Tensor>> concepts) {
    return concepts.stream().flatMap(of -> of.keySet().stream()).distinct().toList();
  }

  @Override
  public void close() {
    pictures.values().forEach(styles -> styles.values().forEach(Tensor::releaseReference));
    pictures.clear();
  }
}
