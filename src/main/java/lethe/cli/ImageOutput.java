package lethe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lethe.error.UserException;

/** Where generated images go: numbered files in a folder, or one file. Nothing that exists is overwritten. */
final class ImageOutput {
  private static final Pattern NUMBERED = Pattern.compile("(\\d{5})\\.png");

  private final Path folder;
  private final Path single;
  private final int first;

  private ImageOutput(Path folder, Path single, int first) {
    this.folder = folder;
    this.single = single;
    this.first = first;
  }

  /**
   * @param out a .png file, or a folder (made if it does not exist)
   * @param grid whether all images go into one file
   * @param images how many there will be
   * @throws UserException if {@code out} is a file that exists, or one file for many images, or cannot be made
   */
  static ImageOutput at(Path out, boolean grid, int images) {
    if (out.toString().endsWith(".png")) {
      if (images > 1 && !grid) {
        throw UserException.usage("--out " + out + " is one file for " + images + " images; name a folder or add --grid");
      }
      if (Files.exists(out)) {
        throw UserException.failed(out + " exists; choose another --out or remove it");
      }
      makeFolder(out.toAbsolutePath().getParent());
      return new ImageOutput(null, out, 0);
    }
    makeFolder(out);
    return new ImageOutput(out, null, firstFree(out));
  }

  /** The file for image {@code index}. */
  Path file(int index) {
    return single != null ? single : numbered(folder, first + index);
  }

  /** One more than the highest number in use. */
  private static int firstFree(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> NUMBERED.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToInt(name -> Integer.parseInt(name.group(1)) + 1)
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw UserException.failed("cannot list the folder " + folder + " (" + e.getMessage() + "); choose another --out", e);
    }
  }

  private static Path numbered(Path folder, int number) {
    return folder.resolve(String.format("%05d.png", number));
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw UserException.failed("cannot make the folder " + folder + " (" + e.getMessage() + "); choose another --out", e);
    }
  }
}
