package lethe.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lethe.error.UserException;

/** Refuses a large output before its first byte instead of after its last possible one. */
final class DiskSpace {
  /** For configurations, folders and whatever else the file system keeps. */
  private static final long RESERVE_BYTES = 16 << 20;

  private static final double BYTES_PER_GB = 1e9;

  private DiskSpace() {}

  /** @throws UserException if the disk on which {@code out} will lie has less room than {@code bytes} */
  static void require(Path out, long bytes) {
    try {
      require(out, bytes, Files.getFileStore(existing(out.toAbsolutePath())).getUsableSpace());
    } catch (IOException e) {
      throw Messages.cannotWrite(out, e);
    }
  }

  static void require(Path out, long bytes, long free) {
    if (free < bytes + RESERVE_BYTES) {
      throw UserException.failed(
          "%s: needs %.2f GB, its disk has %.2f GB free; free some space or choose another place"
              .formatted(out, (bytes + RESERVE_BYTES) / BYTES_PER_GB, free / BYTES_PER_GB));
    }
  }

  /** The file or its nearest ancestor that is there. */
  private static Path existing(Path path) {
    Path there = path;
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    return there;
  }
}
