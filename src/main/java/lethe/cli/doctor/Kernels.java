package lethe.cli.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lethe.kernel.Provider;
import lethe.tensor.SharedLibraries;

/** Our own kernels: which provider computes, and why not the others. */
final class Kernels {
  private Kernels() {}

  static void collect(Map<String, Object> facts) throws IOException {
    facts.put("choice", Provider.report());
    facts.put("provider", Provider.choose().toString());
    List<Path> loaded = SharedLibraries.loaded();
    facts.put("loaded", loaded.stream().map(Path::toString).filter(path -> path.contains("/lethe/kernel/")).toList());
  }
}
