package lethe.report.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import lethe.checkpoint.AtomicOutput;
import lethe.profile.KernelEvent;
import lethe.profile.MemoryEvent;
import lethe.profile.ModelLoadEvent;
import lethe.profile.ModuleEvent;
import lethe.profile.NativeCallEvent;
import lethe.profile.PhaseEvent;
import lethe.profile.StepEvent;

/** A flight recording of Lethe's own events, from its construction to {@link #stop}. */
public final class Recorder implements AutoCloseable {
  private final Recording recording = new Recording();

  public Recorder() {
    for (var type :
        List.of(
            KernelEvent.class,
            NativeCallEvent.class,
            ModuleEvent.class,
            PhaseEvent.class,
            StepEvent.class,
            ModelLoadEvent.class,
            MemoryEvent.class)) {
      recording.enable(type).withoutThreshold().withoutStackTrace();
    }
    recording.start();
  }

  /** Ends the recording, and reads it. */
  public Profile stop() {
    recording.stop();
    try {
      Path file = Files.createTempFile("lethe-", ".jfr");
      try {
        recording.dump(file);
        return Profile.read(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes the recording for JDK Mission Control, {@code jfr print} and their like.
   *
   * @throws lethe.error.UserException if {@code file} exists or cannot be written
   */
  public void write(Path file) {
    AtomicOutput.file(
        file,
        channel -> {
          Path dump = Files.createTempFile("lethe-", ".jfr");
          try {
            recording.dump(dump);
            try (var in = Files.newInputStream(dump)) {
              in.transferTo(Channels.newOutputStream(channel));
            }
          } finally {
            Files.delete(dump);
          }
        });
  }

  @Override
  public void close() {
    recording.close();
  }
}
