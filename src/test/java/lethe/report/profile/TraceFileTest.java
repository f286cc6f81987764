package lethe.report.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import lethe.profile.Work;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {
  private static final long START = 1_700_000_000_000_000_000L; // on a clock of nanoseconds since 1970
  private static final Work WORK = new Work(6000, 3000);

  @TempDir private Path folder;

  private static Span span(Span.Kind kind, String name, String thread, long start, long end) {
    String kernel = kind == Span.Kind.KERNEL ? "libtorch" : null;
    return new Span(kind, name, kernel, kernel, kernel, thread, START + start, end - start, WORK, Work.NONE);
  }

  /** Two threads at once; on either, spans that share their ends, or stick out by what a recording rounds. */
  private static Profile profile() {
    return new Profile(
        List.of(
            span(Span.Kind.STEP, "step", "main #1", 0, 1000),
            span(Span.Kind.MODULE, "unet", "main #1", 0, 1000),
            span(Span.Kind.KERNEL, "linear", "main #1", 400, 1001),
            span(Span.Kind.NATIVE_CALL, "lethe_linear", "main #1", 500, 1002),
            span(Span.Kind.KERNEL, "linear", "main #1", 1003, 1009),
            span(Span.Kind.PHASE, "decode", "main #7", 300, 2000)),
        // A recording has its events by the threads' buffers, not by time.
        List.of(new Profile.Memory(START + 900, 3_000_000, 0), new Profile.Memory(START + 5, 2_000_000, 0)));
  }

  private JsonNode events() throws IOException {
    Path file = folder.resolve("trace.json");
    TraceFile.write(file, profile());
    assertEquals(
        Set.of(
            "module in step", "kernel in step", "kernel in module", "native_call in step", "native_call in module",
            "native_call in kernel"),
        TraceFormat.check(file));
    return new ObjectMapper().readTree(file.toFile()).get("traceEvents");
  }

  @Test
  void obeysTheFormat() throws IOException {
    assertEquals(List.of("lethe", "main #1", "main #7"), metadataNames(events()));
  }

  private static List<String> metadataNames(JsonNode events) {
    return StreamSupport.stream(events.spliterator(), false)
        .filter(event -> event.get("ph").asText().equals("M"))
        .map(event -> event.at("/args/name").asText())
        .toList();
  }

  @Test
  void aKernelSaysWhatItDid() throws IOException {
    JsonNode last = StreamSupport.stream(events().spliterator(), false)
        .filter(event -> event.path("cat").asText().equals("kernel"))
        .reduce((a, b) -> b)
        .orElseThrow();
    assertEquals(1.003, last.get("ts").asDouble());
    assertEquals(0.006, last.get("dur").asDouble());
    assertEquals(1000, last.at("/args/GFLOP~1s").asDouble());
    assertEquals(500, last.at("/args/GB~1s").asDouble());
  }
}
