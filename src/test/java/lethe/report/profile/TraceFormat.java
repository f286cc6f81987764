package lethe.report.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the Trace Event Format asks of a file, and a viewer of slices: every track is named, times and durations are
 * finite and not negative, and on each track a slice lies wholly within the one that it begins in. Viewers drop or cut
 * off what overlaps.
 */
public final class TraceFormat {
  private static final double NANOS = 1e3; // of the format's microseconds

  private final Map<Integer, Deque<JsonNode>> open = new HashMap<>(); // innermost first, by track
  private final Map<Integer, String> tracks = new HashMap<>();
  private final Set<String> nested = new HashSet<>();
  private long lastCounter = Long.MIN_VALUE;

  private TraceFormat() {}

  /**
   * Checks a file.
   *
   * @return what was found nested directly or indirectly: {@code kernel in module}
   */
  public static Set<String> check(Path file) throws IOException {
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    assertTrue(Set.of("ms", "ns").contains(root.path("displayTimeUnit").textValue()));
    assertTrue(root.path("traceEvents").isArray());
    TraceFormat format = new TraceFormat();
    for (JsonNode event : root.get("traceEvents")) {
      format.event(event);
    }
    return format.nested;
  }

  private void event(JsonNode event) {
    assertFalse(event.path("name").asText().isBlank(), () -> "no name: " + event);
    assertTrue(event.path("pid").isInt(), () -> "no process: " + event);
    switch (event.path("ph").asText()) {
      case "M" -> metadata(event);
      case "X" -> slice(event);
      case "C" -> counter(event);
      default -> throw new AssertionError("an unknown kind of event: " + event);
    }
  }

  private void metadata(JsonNode event) {
    String name = event.at("/args/name").textValue();
    assertNotNull(name, () -> "no name: " + event);
    if (event.get("name").textValue().equals("thread_name")) {
      assertEquals(null, tracks.put(event.get("tid").intValue(), name), () -> "named twice: " + event);
    } else {
      assertEquals("process_name", event.get("name").textValue());
    }
  }

  private void slice(JsonNode event) {
    assertTrue(tracks.containsKey(event.path("tid").asInt(-1)), () -> "on a track without a name: " + event);
    assertTrue(event.path("cat").isTextual(), () -> "no category: " + event);
    long start = nanos(event, "ts");
    assertTrue(start >= 0 && nanos(event, "dur") >= 0, () -> "negative: " + event);
    Deque<JsonNode> outer = open.computeIfAbsent(event.get("tid").intValue(), track -> new ArrayDeque<>());
    assertTrue(outer.isEmpty() || start >= nanos(outer.peek(), "ts"), () -> "begins too early: " + event);
    while (!outer.isEmpty() && start >= end(outer.peek())) {
      outer.pop();
    }
    assertTrue(
        outer.isEmpty() || end(event) <= end(outer.peek()), () -> event + " sticks out of " + outer.peek());
    outer.forEach(each -> nested.add(category(event) + " in " + category(each)));
    outer.push(event);
  }

  private void counter(JsonNode event) {
    long at = nanos(event, "ts");
    assertTrue(at >= 0 && at >= lastCounter, () -> "a counter that goes back: " + event);
    lastCounter = at;
    assertTrue(event.path("args").size() > 0, () -> "counts nothing: " + event);
    event.get("args").forEach(value -> assertTrue(value.isNumber(), () -> "no number: " + event));
  }

  private static long end(JsonNode event) {
    return nanos(event, "ts") + nanos(event, "dur");
  }

  private static long nanos(JsonNode event, String field) {
    double value = event.path(field).doubleValue();
    assertTrue(event.path(field).isNumber() && Double.isFinite(value), () -> field + " is no time: " + event);
    return Math.round(value * NANOS);
  }

  private static String category(JsonNode event) {
    return event.get("cat").textValue();
  }
}
