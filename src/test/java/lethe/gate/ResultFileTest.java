package lethe.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {
  /** What JMH 1.37 wrote on a busy machine, but for the percentiles. */
  private static final Path RECORDED = Path.of("src/test/resources/gate/recorded-base.json");

  private static final Gate GATE = new Gate(0.03, 0.05);

  @TempDir Path folder;

  private ResultFile recordedWith(String old, String replacement) throws IOException {
    String text = Files.readString(RECORDED);
    assertTrue(text.contains(old), old);
    return ResultFile.read(Files.writeString(folder.resolve("changed.json"), text.replace(old, replacement)));
  }

  private static String result(String extra, String unit, String... forks) {
    return """
        {"benchmark": "lethe.bench.B.b", "mode": "avgt", "threads": 1, %s
         "primaryMetric": {"scoreUnit": "%s", "rawData": [%s]}}""".formatted(extra, unit, String.join(", ", forks));
  }

  private ResultFile file(String name, String... results) throws IOException {
    return ResultFile.read(Files.writeString(folder.resolve(name), "[" + String.join(", ", results) + "]"));
  }

  private static String error(Path file) {
    return assertThrows(UserException.class, () -> ResultFile.read(file)).getMessage();
  }

  @Test
  void readsWhatJmhWrote() {
    ResultFile file = ResultFile.read(RECORDED);
    assertEquals(8, file.measurements().size());
    Measurement first = file.measurements().values().iterator().next();
    assertEquals("AttentionScoresBenchmark.forward provider=composed shape=1024x80", first.key().toString());
    assertEquals(344.1782586666667, first.score(), 1e-9, "the median of its five iterations");
    assertFalse(file.surroundings().isKnown());
  }

  @Test
  void aFileComparedWithItselfHasNoRegression() {
    ResultFile file = ResultFile.read(RECORDED);
    Comparison comparison = GATE.compare(file, file);
    assertFalse(comparison.hasRegression());
    comparison.rows().forEach(row -> assertEquals(1, row.ratio(), 1e-12));
    assertTrue(comparison.warnings().get(0).startsWith("neither file says on which machine"));
  }

  @Test
  void benchmarksThatOneSideLacksAreNamed() throws IOException {
    ResultFile base = ResultFile.read(RECORDED);
    Comparison comparison = GATE.compare(base, recordedWith("forwardBackward", "backward"));
    assertEquals(4, comparison.rows().size());
    assertEquals(8, comparison.missing().size());
    assertEquals("only in the new: not run there", comparison.missing().get(0).reason());
    assertTrue(ComparisonText.plain(comparison).contains("not compared: AttentionScoresBenchmark.forwardBackward"));
  }

  @Test
  void otherParametersAndModesAreNotCompared() throws IOException {
    ResultFile base = ResultFile.read(RECORDED);
    Comparison params = GATE.compare(base, recordedWith("4096x40", "4096x48"));
    assertEquals("only in the base: there its parameters are others", reasonOf(params, "4096x40"));
    Comparison modes = GATE.compare(
        file("a.json", result("", "ms/op", "[1]"), result("\"params\": {\"n\": 1},", "ms/op", "[1]")),
        file("b.json", result("", "ms/op", "[1]"), result("\"params\": {\"n\": 1},", "ms/op", "[1]").replace("avgt", "ss")));
    assertEquals("only in the base: there its mode is ss", reasonOf(modes, "n=1"));
  }

  private static String reasonOf(Comparison comparison, String part) {
    return comparison.missing().stream()
        .filter(missing -> missing.key().toString().contains(part))
        .findFirst().orElseThrow().reason();
  }

  @Test
  void unitsOfTimeAreConverted() throws IOException {
    Comparison comparison = GATE.compare(
        file("a.json", result("", "ms/op", "[2]", "[2.02]", "[1.98]")),
        file("b.json", result("", "us/op", "[2000]", "[2020]", "[1980]")));
    Comparison.Row row = comparison.rows().get(0);
    assertEquals(1, row.ratio(), 1e-9);
    assertEquals(2, row.candidate(), 1e-3);
  }

  @Test
  void lessThroughputIsSlower() throws IOException {
    Comparison comparison = GATE.compare(
        file("a.json", result("", "ops/s", "[200]", "[202]", "[198]")),
        file("b.json", result("", "ops/ms", "[0.1]", "[0.101]", "[0.099]")));
    Comparison.Row row = comparison.rows().get(0);
    assertEquals(2, row.ratio(), 1e-9);
    assertEquals(100, row.candidate(), 0.1);
    assertEquals(Verdict.SLOWER, row.verdict());
  }

  @Test
  void anotherMachineIsWarnedOf() throws IOException {
    String surroundings = "\"lethe\": {\"surroundings\": {\"cpu\": \"%s\", \"isa\": \"avx2\", \"commit\": \"%s\"}},";
    Comparison comparison = GATE.compare(
        file("a.json", result(surroundings.formatted("Epyc", "1"), "ms/op", "[1]")),
        file("b.json", result(surroundings.formatted("Xeon", "2"), "ms/op", "[1]")));
    List<String> warnings = comparison.warnings();
    assertEquals("NOT THE SAME MACHINE OR SETTINGS: cpu: Epyc in the base, Xeon in the new", warnings.get(0));
    assertFalse(warnings.toString().contains("commit"), "the code is what is compared");
  }

  @Test
  void anotherNumberOfThreadsIsNotCompared() throws IOException {
    String extra = "\"params\": {\"n\": 1},";
    Comparison comparison = GATE.compare(
        file("a.json", result("", "ms/op", "[1]"), result(extra, "ms/op", "[1]")),
        file("b.json", result("", "ms/op", "[1]"), result(extra, "ms/op", "[1]").replace("\"threads\": 1", "\"threads\": 4")));
    assertEquals("called by 1 threads in the base, by 4 in the new", reasonOf(comparison, "n=1"));
  }

  @Test
  void sampledTimesAreReadFromTheirHistogram() throws IOException {
    String sampled = """
        [{"benchmark": "B.b", "mode": "sample", "primaryMetric":
          {"scoreUnit": "us/op", "rawDataHistogram": [[[[1, 3], [5, 1]]]]}}]""";
    ResultFile file = ResultFile.read(Files.writeString(folder.resolve("s.json"), sampled));
    assertEquals(2, file.measurements().values().iterator().next().score(), 1e-9);
  }

  @Test
  void brokenFilesAreOneLine() throws IOException {
    assertTrue(error(folder.resolve("none.json")).endsWith("none.json: no such file; lethe bench --out FILE.json writes one"));
    Path text = Files.writeString(folder.resolve("text.json"), "not json");
    assertTrue(error(text).contains("text.json: is not JSON, line 1; expected the JSON that lethe bench"));
    assertTrue(error(Files.writeString(folder.resolve("o.json"), "{}")).contains("is not a JSON array"));
    assertTrue(error(Files.writeString(folder.resolve("e.json"), "[]")).contains("holds no results"));
    assertTrue(error(Files.writeString(folder.resolve("x.json"), "[{}]")).contains("has a result without benchmark"));
    String zero = "[" + result("", "ms/op", "[0]") + "]";
    assertTrue(error(Files.writeString(folder.resolve("z.json"), zero)).contains("has a score of 0.0 for B.b"));
    String unit = "[" + result("", "parsecs", "[1]") + "]";
    assertTrue(error(Files.writeString(folder.resolve("u.json"), unit)).contains("has an unknown unit parsecs for B.b"));
  }

  @Test
  void nothingInCommonIsAnError() throws IOException {
    ResultFile other = file("other.json", result("", "ms/op", "[1]"));
    UserException error =
        assertThrows(UserException.class, () -> GATE.compare(ResultFile.read(RECORDED), other));
    assertTrue(error.getMessage().contains("have no benchmark in common"), error.getMessage());
  }
}
