package lethe.cli.doctor;

import java.util.List;

/** Looks at everything that Lethe stands on. It loads the native libraries, as any command that computes does. */
public final class Doctor {
  private Doctor() {}

  /** All sections, from the JVM down to the files; none throws. */
  public static List<Section> examine() {
    return List.of(
        Section.of("jdk", Host::jdk),
        Section.of("machine", Host::machine),
        Section.of("libtorch", LibTorch::collect),
        Section.of("kernels", Kernels::collect),
        Section.of("cuda", Cuda::collect),
        Section.of("cache", Cache::collect));
  }
}
