package lethe.checkpoint;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
  private static final Path OUT = Path.of("no/such/folder/out");

  @Test
  void aFullDiskIsNamedWithWhatIsNeeded() {
    UserException refused =
        assertThrows(UserException.class, () -> DiskSpace.require(OUT, 4_270_000_000L, 1_200_000_000L));
    assertEquals(
        OUT + ": needs 4.29 GB, its disk has 1.20 GB free; free some space or choose another place",
        refused.getMessage());
    assertDoesNotThrow(() -> DiskSpace.require(OUT, 4_270_000_000L, 5_000_000_000L));
  }

  @Test
  void askedIsTheDiskOfTheNearestFolderThatExists(@TempDir Path folder) {
    assertDoesNotThrow(() -> DiskSpace.require(folder.resolve(OUT), 1));
    assertThrows(UserException.class, () -> DiskSpace.require(folder.resolve(OUT), Long.MAX_VALUE / 2));
  }
}
