package lethe.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lethe.dataset.Split;
import lethe.image.PngWriter;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A data set of four pictures, each once to train on and once held out: a square or a bar, in red or in blue. */
public final class FourPictures {
  private static final List<String> CONCEPTS = List.of("square", "bar");
  private static final List<String> STYLES = List.of("red", "blue");

  private FourPictures() {}

  /** @param side of the pictures, in pixels: a multiple of 16 */
  public static void write(Path folder, int side) throws IOException {
    List<String> images = new ArrayList<>();
    for (String concept : CONCEPTS) {
      for (String style : STYLES) {
        for (Split split : Split.values()) {
          String file = concept + "-" + style + "-" + split.word() + ".png";
          try (Scope scope = new Scope()) {
            int shift = split == Split.TRAIN ? 0 : side / 16;
            PngWriter.write(folder.resolve(file), picture(concept, style, side, shift), Map.of());
          }
          images.add(
              "{\"file\":\"%s\",\"concept\":\"%s\",\"style\":\"%s\",\"variant\":%d,\"split\":\"%s\"}"
                  .formatted(file, concept, style, split.ordinal(), split.word()));
        }
      }
    }
    Files.writeString(
        folder.resolve("dataset.json"),
        """
        {"name": "test", "version": 1, "resolution": %d, "seed": 0, "variants": 2, "sources": [],
         "captions": {"{article} {concept} in {style}": 0.9, "": 0.1}, "styles": ["red", "blue"],
         "concepts": [{"name": "square", "group": "object", "article": "a"},
                      {"name": "bar", "group": "object", "article": "a"}],
         "images": [%s]}
        """.formatted(side, String.join(",", images)));
  }

  /** [3, side, side] in [-1, 1]; owned by the current scope. */
  public static Tensor picture(String concept, String style, int side, int shift) {
    Tensor image = torch.ones(3, side, side);
    int unit = side / 16;
    int height = (concept.equals("square") ? 10 : 3) * unit;
    Tensor shape = image.narrow(1, side / 2 - height / 2 - shift, height).narrow(2, 3L * unit + shift, 10L * unit);
    shape.fill_(new Scalar(-1));
    shape.select(0, style.equals("red") ? 0 : 2).fill_(new Scalar(1));
    return image;
  }
}
