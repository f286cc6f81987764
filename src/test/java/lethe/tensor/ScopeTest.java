package lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class ScopeTest {
  @Test
  void freesWhatItOwns() {
    Tensor tensor;
    try (Scope scope = new Scope()) {
      tensor = torch.ones(2, 3);
    }
    assertTrue(tensor.isNull());
  }

  @Test
  void keptTensorsLiveUntilTheEnclosingScopeEnds() {
    Tensor kept;
    try (Scope outer = new Scope()) {
      try (Scope inner = new Scope()) {
        kept = inner.keep(torch.ones(2, 3));
      }
      assertFalse(kept.isNull());
      assertEquals(6f, kept.sum().item_float());
    }
    assertTrue(kept.isNull());
  }

  @Test
  void ownedTensorsLiveUntilClosed() {
    Tensor owned;
    try (Scope scope = new Scope()) {
      owned = Scope.own(torch.ones(2, 3));
    }
    assertEquals(6f, owned.sum().item_float());
    owned.close();
    assertTrue(owned.isNull());
  }

  @Test
  void keepWithoutEnclosingScopeMakesTheCallerTheOwner() {
    Tensor kept;
    try (Scope scope = new Scope()) {
      kept = scope.keep(torch.ones(2, 3));
    }
    assertEquals(6f, kept.sum().item_float());
    kept.close();
  }
}
