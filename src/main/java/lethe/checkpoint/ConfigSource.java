package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;

/** Where the configurations of a single file come from: it holds none itself. */
interface ConfigSource {
  /** {@code model_index.json}. */
  ObjectNode modelIndex();

  ObjectNode config(Component component);

  Optional<Path> tokenizerFolder();
}
