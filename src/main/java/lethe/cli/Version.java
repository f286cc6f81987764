package lethe.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which build this is; Maven writes it into {@code lethe/version.properties}. */
final class Version {
  private Version() {}

  /** The project's version, as in pom.xml. */
  static String get() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/lethe/version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }
}
