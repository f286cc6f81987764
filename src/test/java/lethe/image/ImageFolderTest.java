package lethe.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;

  @Test
  void listsSupportedFilesSorted() throws IOException {
    for (String name : List.of("c.webp", "b.JPG", "a.png", "d.jpeg", "e.Bmp", "notes.txt", "png", "._a.png")) {
      Files.createFile(folder.resolve(name));
    }
    Files.createDirectory(folder.resolve("folder.png"));
    List<String> names = ImageFolder.list(folder).stream().map(file -> file.getFileName().toString()).toList();
    assertEquals(List.of("a.png", "b.JPG", "c.webp", "d.jpeg", "e.Bmp"), names);
  }

  @Test
  void refusesFoldersWithoutImages() throws IOException {
    Files.createFile(folder.resolve("notes.txt"));
    assertRefused(folder, "no image in folder");
    assertRefused(folder.resolve("missing"), "does not exist");
    assertRefused(folder.resolve("notes.txt"), "is not a folder");
  }

  private static void assertRefused(Path folder, String expected) {
    UserException e = assertThrows(UserException.class, () -> ImageFolder.list(folder));
    assertEquals(UserException.FAILED, e.exitCode());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(".jpeg, .jpg, .png, .webp"), e.getMessage());
  }
}
