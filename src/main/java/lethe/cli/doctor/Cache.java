package lethe.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** The folder into which JavaCPP unpacks native libraries from their jars. */
final class Cache {
  private Cache() {}

  static void collect(Map<String, Object> facts) throws IOException {
    Path folder = Loader.getCacheDir().toPath();
    facts.put("folder", folder.toString());
    try (Stream<Path> files = Files.walk(folder)) {
      facts.put("size_bytes", files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum());
    }
    facts.put("moved_by", "LETHE_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=DIR");
  }
}
