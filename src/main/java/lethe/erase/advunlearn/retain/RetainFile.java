package lethe.erase.advunlearn.retain;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import lethe.error.UserException;

/** A retain set of the user's own: a UTF-8 text file with one prompt on each line. */
public final class RetainFile {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private RetainFile() {}

  /** @throws UserException if the file cannot be read, is not text, or has no prompt */
  public static RetainSet read(Path file) {
    try {
      String text = Files.readString(file);
      List<String> lines = (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).lines().toList();
      return RetainSet.of(file.toString(), lines);
    } catch (CharacterCodingException e) {
      throw UserException.failed(file + ": is not UTF-8 text; write one prompt on each line", e);
    } catch (NoSuchFileException e) {
      throw UserException.failed(
          "%s: no such file; name one with a prompt on each line, or one of %s"
              .formatted(file, String.join(", ", BuiltInRetainSets.NAMES)),
          e);
    } catch (AccessDeniedException e) {
      throw UserException.failed(file + ": permission denied; check its permissions", e);
    } catch (IOException e) {
      throw UserException.failed("cannot read %s: %s; is it a text file?".formatted(file, e.getMessage()), e);
    }
  }
}
