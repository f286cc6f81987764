package lethe.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.function.Predicate;

/**
 * Copies folders byte by byte. Links are followed: in a hub's cache every file is one. Hidden entries are left out:
 * they are the bookkeeping of version control and downloads.
 */
final class FolderCopy {
  private FolderCopy() {}

  /**
   * @param to an existing folder
   * @param wanted which files to copy, given relative to {@code from}
   */
  static void copy(Path from, Path to, Predicate<Path> wanted) throws IOException {
    Files.walkFileTree(
        from,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            if (!folder.equals(from)) {
              if (isHidden(folder)) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              Files.createDirectory(to.resolve(from.relativize(folder)));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Path relative = from.relativize(file);
            if (!isHidden(file) && wanted.test(relative)) {
              if (!Files.isReadable(file)) {
                throw Messages.cannotRead(file, new AccessDeniedException(file.toString()));
              }
              Files.copy(file, to.resolve(relative));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }
}
