package lethe.tensor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Where tensors lie and operations run. Naming one loads no native code.
 *
 * @param type kind of device
 * @param index which one of its kind; 0 where there is one only
 */
public record Device(Type type, int index) {
  /** Kinds of devices. */
  public enum Type {
    CPU,
    /** NVIDIA GPUs. */
    CUDA,
    /** Nowhere: tensors have shapes and types but no values. Shows what a run would compute, and on which device. */
    META
  }

  public static final Device CPU = new Device(Type.CPU, 0);
  public static final Device META = new Device(Type.META, 0);

  /** What a user may write. */
  public static final String SYNTAX = "cpu or cuda[:n]";

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,2}))?");

  /** @throws IllegalArgumentException if {@code text} is not {@link #SYNTAX} */
  public static Device parse(String text) {
    if (text.equals(CPU.toString())) {
      return CPU;
    }
    Matcher cuda = CUDA.matcher(text);
    if (!cuda.matches()) {
      throw new IllegalArgumentException(text + ": expected " + SYNTAX);
    }
    return new Device(Type.CUDA, cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
  }

  /** The device on which {@code tensor} lies. */
  public static Device of(Tensor tensor) {
    if (tensor.is_cpu()) {
      return CPU;
    }
    if (tensor.is_meta()) {
      return META;
    }
    try (Scope scope = new Scope()) {
      return new Device(Type.CUDA, tensor.device().index());
    }
  }

  /**
   * This device, for one that a user asked for.
   *
   * @throws lethe.error.UserException if it cannot be used; names all that is missing
   */
  public Device checked() {
    if (type == Type.CUDA) {
      CudaRequirements.ofThisMachine().require(this);
    }
    return this;
  }

  public boolean isCpu() {
    return type == Type.CPU;
  }

  /** {@code tensor} on this device; itself if it lies there already. Owned by the current {@link Scope}. */
  public Tensor place(Tensor tensor) {
    return of(tensor).equals(this) ? tensor : Placement.copy(tensor, libtorch());
  }

  /** Tensor options of this device; owned by the current {@link Scope}. */
  public TensorOptions options(DType dtype) {
    return isCpu() ? dtype.options() : dtype.options().device(new DeviceOptional(libtorch()));
  }

  private org.bytedeco.pytorch.Device libtorch() {
    DeviceType kind =
        switch (type) {
          case CPU -> DeviceType.CPU;
          case CUDA -> DeviceType.CUDA;
          case META -> DeviceType.Meta;
        };
    return type == Type.CUDA
        ? new org.bytedeco.pytorch.Device(kind, (byte) index)
        : new org.bytedeco.pytorch.Device(kind);
  }

  /** As users write it: {@code cpu}, {@code cuda:1}. */
  @Override
  public String toString() {
    return switch (type) {
      case CPU -> "cpu";
      case CUDA -> "cuda:" + index;
      case META -> "meta";
    };
  }
}
