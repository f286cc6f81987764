package lethe.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lethe.checkpoint.ComponentWeights.StoredTensor;
import lethe.error.UserException;

/**
 * Finds the weights in one component folder of a diffusers checkpoint: a single file or shards with their index, under
 * the plain name or, where there is none, a variant's ({@code .fp16}, {@code .bf16}).
 */
final class DiffusersWeights {
  private static final List<String> VARIANTS = List.of("", ".fp16", ".bf16");

  private final Component component;
  private final Path folder;

  DiffusersWeights(Path root, Component component) {
    this.component = component;
    this.folder = root.resolve(component.folder());
  }

  /** The component's weights file, or the index of its shards; empty if the folder has neither. */
  Optional<Path> find() {
    return VARIANTS.stream()
        .flatMap(variant -> Stream.of(single(variant), index(variant)))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** The name a single file with these weights must have for the same loaders to find it. */
  String singleFileName() {
    return VARIANTS.stream()
        .filter(variant -> Files.isRegularFile(single(variant)) || Files.isRegularFile(index(variant)))
        .findFirst()
        .map(variant -> single(variant).getFileName().toString())
        .orElseThrow();
  }

  /**
   * Reads the headers.
   *
   * @throws UserException if there are no weights, only pickles, or a shard is missing or does not hold what the index
   *     says
   */
  ComponentWeights read() {
    Path found = find().orElseThrow(this::missing);
    Map<Path, SafeTensorsHeader> headers =
        FileKind.isSafeTensors(found) ? Map.of(found, SafeTensorsHeader.read(found)) : shards(found);
    List<StoredTensor> tensors = new ArrayList<>();
    headers.forEach(
        (file, header) -> header.tensors().forEach((key, info) -> tensors.add(new StoredTensor(file, key, info))));
    return new ComponentWeights(
        component, List.copyOf(headers.keySet()), tensors, DiffusersKeyMap.of(component));
  }

  private Path single(String variant) {
    return folder.resolve(component.weightsStem() + variant + FileKind.SAFETENSORS);
  }

  private Path index(String variant) {
    return folder.resolve(component.weightsStem() + FileKind.SAFETENSORS + ".index" + variant + ".json");
  }

  private Map<Path, SafeTensorsHeader> shards(Path index) {
    JsonNode weightMap = Json.readObject(index).path("weight_map");
    if (!weightMap.isObject() || weightMap.isEmpty()) {
      throw Messages.damaged(index, "has no weight_map");
    }
    Map<Path, SafeTensorsHeader> headers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : weightMap.properties()) {
      Path shard = shard(index, entry.getKey(), entry.getValue());
      if (!headers.containsKey(shard)) {
        if (!Files.isRegularFile(shard)) {
          throw UserException.failed(
              "%s: shard is missing, %s names it; fetch it too".formatted(shard, index.getFileName()));
        }
        headers.put(shard, SafeTensorsHeader.read(shard));
      }
      if (!headers.get(shard).tensors().containsKey(entry.getKey())) {
        throw Messages.damaged(
            shard, entry.getKey(), "%s says it is here, but it is not".formatted(index.getFileName()));
      }
    }
    headers.forEach(
        (shard, header) -> {
          for (String key : header.tensors().keySet()) {
            if (!shard.getFileName().toString().equals(weightMap.path(key).textValue())) {
              throw Messages.damaged(
                  shard, key, "%s does not say it is here".formatted(index.getFileName()));
            }
          }
        });
    return headers;
  }

  /** Shards lie beside their index: a path in the index must not lead elsewhere. */
  private Path shard(Path index, String key, JsonNode name) {
    String text = name.textValue();
    if (text == null || !text.endsWith(FileKind.SAFETENSORS) || text.contains("/") || text.contains("\\")) {
      throw Messages.damaged(
          index, key, "%s is not the name of a safetensors file beside it".formatted(Messages.quoted(name.toString())));
    }
    return folder.resolve(text);
  }

  private UserException missing() {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        Optional<Path> pickle = files.filter(FileKind::isPickle).sorted().findFirst();
        if (pickle.isPresent()) {
          return FileKind.refusedPickle(pickle.get());
        }
      } catch (IOException e) {
        return Messages.cannotRead(folder, e);
      }
    }
    return UserException.failed(
        "%s: has no %s; fetch the checkpoint's safetensors weights"
            .formatted(folder, single("").getFileName()));
  }
}
