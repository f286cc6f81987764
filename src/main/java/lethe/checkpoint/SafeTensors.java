package lethe.checkpoint;

import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import lethe.error.UserException;
import lethe.tensor.DType;
import lethe.tensor.Scope;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A safetensors file, mapped into memory: a tensor taken from it is a view of the map, of which the system reads a page
 * when it is first touched. Files may be larger than 2 GB.
 *
 * <p>Ownership: this object owns the map, and every tensor taken from it shares the ownership, so tensors stay valid
 * after {@link #close()}, and the file is unmapped when the last of them is freed. A tensor belongs to the
 * {@link Scope} in which it was taken. The map is private: writing into a tensor copies the page and never changes
 * the file. Another program must not shorten the file while it is mapped.
 */
public final class SafeTensors implements AutoCloseable {
  // The file system's own encoding: JavaCPP would hand over a String as UTF-8.
  private static final Charset PATH_ENCODING =
      Charset.forName(System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name()));

  private final SafeTensorsHeader header;
  private final Tensor bytes; // [file length] uint8

  private SafeTensors(SafeTensorsHeader header, Tensor bytes) {
    this.header = header;
    this.bytes = bytes;
  }

  /**
   * Maps {@code file} and checks its header against it.
   *
   * @throws UserException if the file cannot be read, is no safetensors file or is damaged; names the file, the tensor
   *     and the mend
   */
  public static SafeTensors open(Path file) {
    return map(SafeTensorsHeader.read(file));
  }

  private static SafeTensors map(SafeTensorsHeader header) {
    try (Scope scope = new Scope()) {
      Tensor bytes =
          torch.from_file(
              new BytePointer(header.file().toString(), PATH_ENCODING),
              new BoolOptional(false),
              new LongOptional(header.fileBytes()),
              DType.U8.options());
      return new SafeTensors(header, Scope.own(bytes));
    } catch (RuntimeException e) {
      throw UserException.failed(
          "cannot map %s into memory: %s; free some memory or raise the limit on virtual memory (ulimit -v)"
              .formatted(header.file(), Messages.firstLine(String.valueOf(e.getMessage()))),
          e);
    }
  }

  public Path file() {
    return header.file();
  }

  /** Names of the tensors, in the header's order. */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  /** The writer's free text; usually {@code {"format": "pt"}}. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Type, shape and place of a tensor.
   *
   * @throws UserException if the file has no tensor of that name
   */
  public TensorInfo info(String name) {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw UserException.failed(
          "%s: has no tensor %s; give a file that holds it".formatted(file(), Messages.quoted(name)));
    }
    return info;
  }

  /**
   * A tensor as a view of the map; as a copy only where the file places it at an address that does not suit its type.
   * It belongs to the current {@link Scope}.
   *
   * @throws UserException if the file has no tensor of that name
   */
  public Tensor tensor(String name) {
    TensorInfo info = info(name);
    try (Scope scope = new Scope()) {
      Tensor raw = bytes.narrow(0, info.begin(), info.bytes());
      if (info.begin() % info.dtype().bytes() != 0) {
        raw = raw.clone();
      }
      return scope.keep(raw.view(info.dtype().scalarType()).view(info.shape()));
    }
  }

  /** Gives up the map; tensors taken from it stay valid. */
  @Override
  public void close() {
    bytes.close();
  }
}
