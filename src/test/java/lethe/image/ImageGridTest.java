package lethe.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageGridTest {
  private final Scope scope = new Scope();

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void laysRowsOutWithWhiteGaps() {
    Tensor image = Fixtures.coordinates(4, 6);
    Tensor grid = ImageGrid.of(List.of(List.of(image, image.neg(), image), List.of(image)));
    assertArrayEquals(new long[] {3, 4 + 2 + 4, 6 + 2 + 6 + 2 + 6}, grid.shape());
    assertEquals(Fixtures.coordinate(2, 3, 5), Fixtures.at(grid, 2, 3, 5));
    assertEquals(-Fixtures.coordinate(2, 1, 2), Fixtures.at(grid, 2, 1, 8 + 2));
    assertEquals(Fixtures.coordinate(1, 3, 5), Fixtures.at(grid, 1, 9, 5));
    for (int channel = 0; channel < 3; channel++) {
      for (int[] white : new int[][] {{0, 6}, {3, 7}, {4, 0}, {5, 21}, {6, 8}, {9, 21}}) {
        assertEquals(1f, Fixtures.at(grid, channel, white[0], white[1]));
      }
    }
  }

  @Test
  void refusesNoImageAndImagesOfDifferentSizes() {
    assertThrows(IllegalArgumentException.class, () -> ImageGrid.of(List.of(List.of())));
    List<Tensor> row = List.of(torch.zeros(3, 4, 4), torch.zeros(3, 4, 5));
    assertThrows(IllegalArgumentException.class, () -> ImageGrid.of(List.of(row)));
  }
}
