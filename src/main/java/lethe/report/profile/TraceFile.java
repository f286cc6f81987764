package lethe.report.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import lethe.checkpoint.AtomicOutput;

/**
 * A profile in the Trace Event Format, which ui.perfetto.dev and chrome://tracing open: steps, phases, modules, kernels
 * and native calls nested on their thread, memory as a counter.
 */
public final class TraceFile {
  private static final int PROCESS = 1;

  private TraceFile() {}

  /** @throws lethe.error.UserException if {@code file} exists or cannot be written */
  public static void write(Path file, Profile profile) {
    AtomicOutput.file(
        file,
        channel -> {
          // Closing the generator would close the channel before it is made durable.
          OutputStream out = Channels.newOutputStream(channel);
          JsonGenerator json = new JsonFactory().createGenerator(out);
          write(json, profile);
          json.flush();
        });
  }

  private static void write(JsonGenerator json, Profile profile) throws IOException {
    long origin = profile.spans().stream().mapToLong(Span::startNanos).min().orElse(0);
    List<String> threads = new ArrayList<>();
    json.writeStartObject();
    json.writeStringField("displayTimeUnit", "ms");
    json.writeArrayFieldStart("traceEvents");
    name(json, "process_name", 0, "lethe");
    for (Span span : profile.spans()) {
      if (!threads.contains(span.thread())) {
        threads.add(span.thread());
        name(json, "thread_name", threads.size(), span.thread());
      }
      slice(json, span, threads.indexOf(span.thread()) + 1, origin);
    }
    for (Profile.Memory memory : profile.memory()) {
      counter(json, memory, origin);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void name(JsonGenerator json, String what, int thread, String name) throws IOException {
    begin(json, what, "M");
    json.writeNumberField("tid", thread);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void slice(JsonGenerator json, Span span, int thread, long origin) throws IOException {
    begin(json, span.name(), "X");
    json.writeStringField("cat", span.kind().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("tid", thread);
    json.writeNumberField("ts", (span.startNanos() - origin) / 1e3);
    json.writeNumberField("dur", span.nanos() / 1e3);
    if (span.kind() == Span.Kind.KERNEL) {
      json.writeObjectFieldStart("args");
      json.writeStringField("provider", span.provider());
      json.writeStringField("shapes", span.shapes());
      json.writeStringField("dtype", span.dtype());
      json.writeNumberField("flops", span.work().flops());
      json.writeNumberField("bytes", span.work().bytes());
      json.writeNumberField("GFLOP/s", (double) span.work().flops() / Math.max(1, span.nanos()));
      json.writeNumberField("GB/s", (double) span.work().bytes() / Math.max(1, span.nanos()));
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void counter(JsonGenerator json, Profile.Memory memory, long origin) throws IOException {
    begin(json, "memory", "C");
    json.writeStringField("cat", "process");
    json.writeNumberField("ts", (memory.atNanos() - origin) / 1e3);
    json.writeObjectFieldStart("args");
    json.writeNumberField("resident MB", memory.resident() / 1e6);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void begin(JsonGenerator json, String name, String phase) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("ph", phase);
    json.writeNumberField("pid", PROCESS);
  }
}
