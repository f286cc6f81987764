package lethe.gate;

import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * What makes two results comparable: the same method, measured in the same way, with the same parameters.
 *
 * @param name class and method, as JMH writes it
 * @param mode JMH's short name: avgt, thrpt, sample, ss
 * @param params of {@code @Param} fields
 */
public record BenchmarkKey(String name, String mode, SortedMap<String, String> params)
    implements Comparable<BenchmarkKey> {

  /** Class, method and parameters without the package: {@code PgdStepBenchmark.step shape=1x768}. */
  @Override
  public String toString() {
    String method = name.replaceFirst("^([a-z_0-9]+\\.)*", "");
    String suffix = params.entrySet().stream()
        .map(param -> " " + param.getKey() + "=" + param.getValue())
        .collect(Collectors.joining());
    return method + suffix + (mode.equals("avgt") ? "" : " (" + mode + ")");
  }

  @Override
  public int compareTo(BenchmarkKey other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : (params + mode).compareTo(other.params + other.mode);
  }
}
