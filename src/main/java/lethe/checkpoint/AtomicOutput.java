package lethe.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import lethe.error.UserException;

/**
 * Files and folders that appear whole or not at all: written under a temporary name beside their place, then renamed.
 *
 * <p>On any failure the temporary is deleted; an {@link IOException} becomes a {@link UserException} that names the
 * output. What already exists is never overwritten.
 */
public final class AtomicOutput {
  /** Temporaries that are being written. */
  private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

  private AtomicOutput() {}

  /** Fills the output that is being made; may throw what writing throws. */
  @FunctionalInterface
  public interface Filler<T> {
    void fill(T output) throws IOException;
  }

  /**
   * Writes a file through a channel, and makes it durable before it appears.
   *
   * @throws UserException if {@code file} exists or cannot be written
   */
  public static void file(Path file, Filler<FileChannel> filler) {
    create(file, temporary -> writeDurably(temporary, filler));
  }

  /** Writes a new file where it stands: for use inside a folder that is being filled. */
  static void writeDurably(Path file, Filler<FileChannel> filler) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      filler.fill(channel);
      channel.force(true);
    }
  }

  /**
   * Fills a new folder.
   *
   * @throws UserException if {@code folder} exists or cannot be written
   */
  public static void folder(Path folder, Filler<Path> filler) {
    create(
        folder,
        temporary -> {
          Files.createDirectory(temporary);
          filler.fill(temporary);
        });
  }

  /** Deletes what is being written, on any thread: for a process that is about to be ended in the middle. */
  public static void deleteUnfinished() {
    for (Path temporary : UNFINISHED) {
      try {
        delete(temporary);
      } catch (UserException e) {
        // The process ends anyway; a leftover bears a name that says what it is.
      }
    }
  }

  /**
   * Refuses a place that is taken.
   *
   * @throws UserException if {@code out} exists
   */
  public static void requireAbsent(Path out) {
    if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw UserException.failed("%s: exists already; choose another place or remove it first".formatted(out));
    }
  }

  private static void create(Path out, Filler<Path> filler) {
    requireAbsent(out);
    Path temporary = out.resolveSibling("." + out.getFileName() + "." + UUID.randomUUID() + ".part");
    boolean complete = false;
    UNFINISHED.add(temporary);
    try {
      if (out.toAbsolutePath().getParent() != null) {
        Files.createDirectories(out.toAbsolutePath().getParent());
      }
      filler.fill(temporary);
      requireAbsent(out);
      Files.move(temporary, out, StandardCopyOption.ATOMIC_MOVE);
      complete = true;
    } catch (IOException e) {
      throw Messages.cannotWrite(out, e);
    } finally {
      UNFINISHED.remove(temporary);
      if (!complete) {
        delete(temporary);
      }
    }
  }

  private static void delete(Path temporary) {
    if (!Files.exists(temporary, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      Files.walkFileTree(
          temporary,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
              Files.delete(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw UserException.failed("cannot delete the unfinished %s; remove it by hand".formatted(temporary), e);
    }
  }
}
