package lethe.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lethe.checkpoint.AtomicOutput;
import lethe.kernel.Provider;
import lethe.tensor.Runtime;

/**
 * What a reader needs to repeat a run: {@code run.json}, written beside its output.
 *
 * <p>Settings are the resolved ones, defaults included; hashes are SHA-256 of the weight files that went in.
 */
public final class RunRecord {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, Object> fields = new LinkedHashMap<>();
  private final Instant start = Instant.now();

  /**
   * @param command as on the command line, such as {@code erase forget-me-not}
   * @param settings resolved settings by name
   */
  public RunRecord(String command, String letheVersion, Map<String, Object> settings) {
    fields.put("command", command);
    fields.put("started", start.toString());
    fields.put("settings", settings);
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("lethe", letheVersion);
    versions.put("libtorch", Runtime.libtorchVersion());
    versions.put("java", System.getProperty("java.runtime.version"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    fields.put("versions", versions);
  }

  public RunRecord put(String key, Object value) {
    fields.put(key, value);
    return this;
  }

  /** The provider that really ran, and the threads it had. */
  public RunRecord ran(Provider provider, int threads) {
    return put("provider", provider.name().toLowerCase(Locale.ROOT)).put("threads", threads);
  }

  /** Loss before each step. */
  public RunRecord losses(List<Double> losses) {
    return put("steps_done", losses.size()).put("losses", losses);
  }

  /**
   * Writes the record: {@code out/run.json} if the output is a folder, else {@code out.run.json} next to it.
   *
   * @throws lethe.error.UserException if it cannot be written
   */
  public void writeBeside(Path out) {
    put("seconds", Duration.between(start, Instant.now()).toMillis() / 1e3);
    Path file = Files.isDirectory(out) ? out.resolve("run.json") : out.resolveSibling(out.getFileName() + ".run.json");
    AtomicOutput.file(file, channel -> channel.write(ByteBuffer.wrap(JSON.writeValueAsBytes(fields))));
  }
}
