package lethe.kernel;

import java.util.Arrays;
import java.util.Locale;
import lethe.error.UserException;
import lethe.tensor.Device;

/**
 * Who computes the fused operations. Chosen once, when first asked for; the system property {@code lethe.provider}
 * ({@code native} or {@code composed}) overrides the choice.
 */
public enum Provider {
  /** The kernels in {@code native/}. */
  NATIVE,

  /** Plain LibTorch operations: slower, works wherever LibTorch does, any float type. */
  COMPOSED;

  static final String PROPERTY = "lethe.provider";

  private static Provider chosen;

  /**
   * The provider to use: the one the property names, or else {@link #NATIVE} where its library loads.
   *
   * @throws UserException if the property names none, or one that cannot be used
   */
  public static synchronized Provider choose() {
    if (chosen == null) {
      String name = System.getProperty(PROPERTY);
      if (name != null) {
        chosen = parse(name).checked();
      } else {
        chosen = NativeLibrary.failure().isEmpty() ? NATIVE : COMPOSED;
      }
    }
    return chosen;
  }

  /**
   * This provider, for one that was asked for by name.
   *
   * @throws UserException if it is {@link #NATIVE} and the library does not load; says why and how to mend it
   */
  public Provider checked() {
    if (this == NATIVE) {
      NativeLibrary.load();
    }
    return this;
  }

  /**
   * Who computes on {@code device} where this provider was chosen: the kernels run on the CPU and on GPUs.
   *
   * @throws UserException if this is {@link #NATIVE} and the kernels for a GPU do not load; says why and how to mend it
   */
  public Provider on(Device device) {
    if (this == NATIVE && device.type() == Device.Type.CUDA) {
      CudaLibrary.load();
    }
    return device.type() == Device.Type.META ? COMPOSED : this;
  }

  /** What was chosen and why not the others, in one line. Never throws. */
  public static String report() {
    Provider provider;
    try {
      provider = choose();
    } catch (UserException e) {
      return "none: " + e.getMessage();
    }
    if (provider == NATIVE) {
      return "native: lethe_kernels " + LetheKernels.version() + ", " + LetheKernels.cpuIsa();
    }
    return "composed: plain LibTorch operations; not native: "
        + NativeLibrary.failure().map(NativeLibrary::reason).orElse("composed was asked for");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Provider parse(String name) {
    return Arrays.stream(values())
        .filter(provider -> provider.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> UserException.usage(PROPERTY + "=" + name + ": expected native or composed"));
  }
}
