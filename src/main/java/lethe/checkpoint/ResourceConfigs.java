package lethe.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;

/** Configurations that lie among the resources, in the layout of a diffusers folder. */
record ResourceConfigs(String folder) implements ConfigSource {
  @Override
  public ObjectNode modelIndex() {
    return Json.readResource(folder + "/" + DiffusersFolder.INDEX);
  }

  @Override
  public ObjectNode config(Component component) {
    return Json.readResource(folder + "/" + component.folder() + "/" + component.configFile());
  }

  @Override
  public Optional<Path> tokenizerFolder() {
    return Optional.empty();
  }
}
