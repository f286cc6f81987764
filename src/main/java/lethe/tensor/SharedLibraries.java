package lethe.tensor;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Shared libraries: those that this process has loaded, and those that it would find. */
public final class SharedLibraries {
  private static final Path MAPS = Path.of("/proc/self/maps");

  /** Where JavaCPP looks for CUDA besides the dynamic linker's own places. */
  private static final List<String> CUDA_FOLDERS = List.of(
      "/usr/local/cuda-13.3/lib64", "/usr/local/cuda-13.3/extras/CUPTI/lib64",
      "/usr/local/cuda/lib64", "/usr/local/cuda/extras/CUPTI/lib64", "/usr/lib64");

  private final List<String> linkerCache;

  private SharedLibraries(List<String> linkerCache) {
    this.linkerCache = linkerCache;
  }

  /** Reads the dynamic linker's cache; without {@code ldconfig} only folders are searched. */
  public static SharedLibraries read() {
    try {
      Process process = new ProcessBuilder("/sbin/ldconfig", "-p").redirectErrorStream(true).start();
      return new SharedLibraries(process.inputReader().lines().toList());
    } catch (IOException e) {
      return new SharedLibraries(List.of());
    }
  }

  /** Where the library with this exact file name ({@code libcudart.so.13}) lies. */
  public Optional<Path> find(String name) {
    List<String> folders = new ArrayList<>();
    String path = System.getenv("LD_LIBRARY_PATH");
    if (path != null) {
      folders.addAll(List.of(path.split(File.pathSeparator)));
    }
    folders.addAll(CUDA_FOLDERS);
    Stream<Path> inFolders = folders.stream().map(folder -> Path.of(folder, name)).filter(Files::exists);
    // A line of the cache: "\tlibc.so.6 (libc6,x86-64) => /lib/x86_64-linux-gnu/libc.so.6"
    Stream<Path> inCache = linkerCache.stream()
        .filter(line -> line.startsWith("\t" + name + " "))
        .map(line -> Path.of(line.substring(line.indexOf("=>") + 2).strip()));
    return Stream.concat(inFolders, inCache).findFirst();
  }

  /** The files of all shared libraries that this process has loaded. */
  public static List<Path> loaded() throws IOException {
    try (Stream<String> lines = Files.lines(MAPS)) {
      return lines
          .filter(line -> line.contains(".so"))
          .map(line -> line.substring(line.indexOf('/')))
          .distinct()
          .map(Path::of)
          .toList();
    }
  }
}
