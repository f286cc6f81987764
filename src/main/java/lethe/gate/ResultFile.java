package lethe.gate;

import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The results of one run of benchmarks.
 *
 * @param source where they were read
 * @param pairing names the interleaved run that the file is one side of, if it is: fork i of one side and fork i of the
 *     other then ran one after the other
 */
public record ResultFile(
    Path source,
    SortedMap<BenchmarkKey, Measurement> measurements,
    Surroundings surroundings,
    Optional<String> pairing) {

  /**
   * Reads JMH's JSON, with or without what {@code lethe bench} adds to it.
   *
   * @throws lethe.error.UserException if the file cannot be read or is not what JMH writes
   */
  public static ResultFile read(Path file) {
    return new JmhReader(file).read();
  }

  boolean isPairedWith(ResultFile other) {
    return pairing.isPresent() && pairing.equals(other.pairing);
  }
}
