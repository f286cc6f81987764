package lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedLibrariesTest {
  @Test
  void findsWhatTheLinkerWouldFind() {
    SharedLibraries libraries = SharedLibraries.read();
    assertTrue(Files.exists(libraries.find("libc.so.6").orElseThrow()));
    assertEquals(Optional.empty(), libraries.find("libc.so"));
    assertEquals(Optional.empty(), libraries.find("libnone.so.1"));
  }

  @Test
  void listsWhatThisProcessHasLoaded() throws Exception {
    assertTrue(SharedLibraries.loaded().stream().anyMatch(path -> path.endsWith("libjvm.so")));
  }
}
