package lethe.erase.advunlearn.latents;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.SafeTensors;
import lethe.checkpoint.SafeTensorsWriter;
import lethe.error.UserException;
import lethe.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * Trajectories on disk: {@code bank.json} says what they depend on, and each is a safetensors file of its own, so that
 * an interrupted fill loses none and a bank can grow.
 */
final class TrajectoryFolder {
  private static final String IDENTITY = "bank.json";
  private static final String TIMESTEPS = "timesteps";
  private static final String LATENTS = "latents";
  private static final String CONDITIONAL = "conditional";
  private static final String UNCONDITIONAL = "unconditional";
  private static final String CHECKSUM = "crc32c ";
  private static final int HASH_CHARACTERS = 16;
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path folder;
  private final Map<String, String> identity; // in every file's metadata

  private TrajectoryFolder(Path folder, BankIdentity identity) {
    this.folder = folder;
    this.identity = Map.of("bank_sha256", identity.sha256());
  }

  /**
   * Opens a folder of trajectories, or makes an empty one.
   *
   * @throws UserException if it is not one, or one of another identity
   */
  static TrajectoryFolder open(Path folder, BankIdentity identity) {
    Path file = folder.resolve(IDENTITY);
    if (Files.exists(file)) {
      identity.requireSame(folder, readIdentity(file));
    } else {
      requireEmpty(folder);
      AtomicOutput.file(
          file, channel -> channel.write(ByteBuffer.wrap(JSON.writeValueAsBytes(identity.fields()))));
    }
    return new TrajectoryFolder(folder, identity);
  }

  private static Map<String, String> readIdentity(Path file) {
    try {
      return JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw UserException.failed(
          "%s: is not the description of a latent bank; give --bank another folder".formatted(file), e);
    } catch (IOException e) {
      throw cannotRead(file, e);
    }
  }

  private static void requireEmpty(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw UserException.failed(
          "%s: is a file, a latent bank is a folder; give --bank another place".formatted(folder));
    }
    try (Stream<Path> files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw UserException.failed(
            "%s: has files but no %s, so it is no latent bank; give --bank another folder".formatted(folder, IDENTITY));
      }
    } catch (IOException e) {
      throw cannotRead(folder, e);
    }
  }

  private static UserException cannotRead(Path path, IOException cause) {
    return UserException.failed("cannot read %s: %s; check its permissions".formatted(path, cause.getMessage()), cause);
  }

  /**
   * A trajectory that was saved before, as views of its mapped file; owned by the current scope.
   *
   * @throws UserException if its file is damaged or another bank's
   */
  Optional<Trajectory> load(TrajectoryKey key) {
    Path file = file(key);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (Scope scope = new Scope();
        SafeTensors tensors = open(file)) {
      Map<String, String> metadata = tensors.metadata();
      if (!metadata.entrySet().containsAll(metadata(key).entrySet())) {
        throw UserException.failed("%s: belongs to another latent bank; %s".formatted(file, mend()));
      }
      boolean erasing = key.kind().isErasing();
      return Optional.of(
          new Trajectory(
              scope.keep(checked(tensors, TIMESTEPS)),
              scope.keep(checked(tensors, LATENTS)),
              scope.keep(checked(tensors, CONDITIONAL)),
              erasing ? scope.keep(checked(tensors, UNCONDITIONAL)) : null));
    }
  }

  private static SafeTensors open(Path file) {
    try {
      return SafeTensors.open(file);
    } catch (UserException e) {
      if (!Files.isReadable(file)) {
        throw e;
      }
      throw UserException.failed("%s: is damaged or no trajectory of a latent bank; %s".formatted(file, mend()), e);
    }
  }

  private static Tensor checked(SafeTensors tensors, String name) {
    if (tensors.names().contains(name)) {
      Tensor tensor = tensors.tensor(name);
      if (Digests.crc32c(tensor).equals(tensors.metadata().get(CHECKSUM + name))) {
        return tensor;
      }
    }
    throw UserException.failed("%s: its %s are damaged; %s".formatted(tensors.file(), name, mend()));
  }

  private static String mend() {
    return "remove the file, and it is drawn again";
  }

  /** Saves a trajectory that is not there yet. */
  void save(TrajectoryKey key, Trajectory trajectory) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(TIMESTEPS, trajectory.timesteps());
    tensors.put(LATENTS, trajectory.latents());
    tensors.put(CONDITIONAL, trajectory.conditional());
    if (trajectory.unconditional() != null) {
      tensors.put(UNCONDITIONAL, trajectory.unconditional());
    }
    Map<String, String> metadata = metadata(key);
    tensors.forEach((name, tensor) -> metadata.put(CHECKSUM + name, Digests.crc32c(tensor)));
    SafeTensorsWriter.write(file(key), tensors, metadata);
  }

  private Map<String, String> metadata(TrajectoryKey key) {
    Map<String, String> metadata = new LinkedHashMap<>(identity);
    metadata.put("kind", key.kind().toString());
    metadata.put("prompt", key.prompt());
    metadata.put("number", String.valueOf(key.number()));
    return metadata;
  }

  private Path file(TrajectoryKey key) {
    String prompt = Digests.sha256(key.prompt()).substring(0, HASH_CHARACTERS);
    return folder.resolve("%s-%06d.safetensors".formatted(prompt, key.number()));
  }
}
