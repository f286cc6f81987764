package lethe.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import lethe.error.UserException;

/** Tells apart what people hand over as a checkpoint, by name and by first bytes. */
final class FileKind {
  static final String SAFETENSORS = ".safetensors";

  private static final Set<String> PICKLE_EXTENSIONS = Set.of(".bin", ".ckpt", ".pt", ".pth");
  private static final Set<String> OTHER_WEIGHT_EXTENSIONS =
      Set.of(".msgpack", ".h5", ".onnx", ".onnx_data", ".onnx.data", ".pb");
  private static final int MAGIC_BYTES = 32;

  private FileKind() {}

  static boolean isSafeTensors(Path file) {
    return fileName(file).endsWith(SAFETENSORS);
  }

  /** Whether the name is one under which PyTorch pickles are published. */
  static boolean isPickle(Path file) {
    return PICKLE_EXTENSIONS.stream().anyMatch(fileName(file)::endsWith);
  }

  /** Whether the name is one under which weights are published, in whatever framework's format, or their index. */
  static boolean holdsWeights(Path file) {
    String name = fileName(file);
    return isSafeTensors(file)
        || isPickle(file)
        || OTHER_WEIGHT_EXTENSIONS.stream().anyMatch(name::endsWith)
        || name.contains(".index.") && name.endsWith(".json");
  }

  /** Refuses a pickle and a Git LFS pointer that carry a safetensors name. Leaves the channel at its start. */
  static void requireSafeTensors(Path file, FileChannel channel) throws IOException {
    ByteBuffer magic = ByteBuffer.allocate(MAGIC_BYTES);
    channel.read(magic, 0);
    String start = new String(magic.array(), 0, magic.position(), StandardCharsets.ISO_8859_1);
    // A PyTorch file is a zip archive; before version 1.6, pickles of which the first is a magic number.
    if (start.startsWith("PK\u0003\u0004") || start.startsWith("\u0080\u0002\u008a\n")) {
      throw refusedPickle(file);
    }
    if (start.startsWith("version https://git-lfs")) {
      throw UserException.failed(
          "%s: is a Git LFS pointer, not the weights; fetch them with `git lfs pull`".formatted(file));
    }
  }

  /** Pickles are never read: unpickling runs whatever code the file's author put into it. */
  static UserException refusedPickle(Path file) {
    String name = file.getFileName().toString();
    String converted = name.replaceFirst("\\.[^.]*$", "") + SAFETENSORS;
    if (converted.startsWith("pytorch_model")) {
      converted = converted.replaceFirst("pytorch_", "");
    }
    return UserException.failed(
        ("%s: is a Python pickle, which can run code of its author when read; convert it in its folder with: "
                + "python -c \"import torch, safetensors.torch as s; d = torch.load('%s', map_location='cpu', "
                + "weights_only=True); s.save_file({k: v.clone().contiguous() for k, v in d.get('state_dict', "
                + "d).items() if torch.is_tensor(v)}, '%s', {'format': 'pt'})\"")
            .formatted(file, name, converted));
  }

  private static String fileName(Path file) {
    return file.getFileName() == null ? "" : file.getFileName().toString().toLowerCase(Locale.ROOT);
  }
}
