package lethe.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import lethe.checkpoint.ComponentWeights.StoredTensor;
import org.bytedeco.pytorch.Tensor;

/** Some safetensors files, mapped together. Tensors taken from them stay valid when they are closed. */
final class MappedFiles implements AutoCloseable {
  private final Map<Path, SafeTensors> maps = new HashMap<>();

  MappedFiles(Collection<Path> files) {
    try {
      files.forEach(file -> maps.put(file, SafeTensors.open(file)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The tensor as it is stored; belongs to the current scope. */
  Tensor tensor(StoredTensor stored) {
    return maps.get(stored.file()).tensor(stored.key());
  }

  /** The files' metadata, joined. */
  Map<String, String> metadata() {
    Map<String, String> metadata = new HashMap<>();
    maps.values().forEach(map -> metadata.putAll(map.metadata()));
    return metadata;
  }

  @Override
  public void close() {
    maps.values().forEach(SafeTensors::close);
    maps.clear();
  }
}
