package lethe.kernel;

import java.util.Arrays;
import java.util.Locale;
import lethe.error.UserException;

/**
 * Who computes the fused operations. Chosen once, when first asked for; the system property {@code lethe.provider}
 * ({@code native} or {@code composed}) or {@link #force} overrides the choice.
 */
public enum Provider {
  /** The kernels in {@code native/}. */
  NATIVE,

  /** Plain LibTorch operations: slower, works wherever LibTorch does, any float type. */
  COMPOSED;

  static final String PROPERTY = "lethe.provider";

  private static Provider chosen;

  /**
   * The provider to use: the forced one, or else {@link #NATIVE} where its library loads.
   *
   * @throws UserException if the forced one cannot be used, or the property names none
   */
  public static synchronized Provider choose() {
    if (chosen == null) {
      String name = System.getProperty(PROPERTY);
      if (name != null) {
        force(parse(name));
      } else {
        chosen = NativeLibrary.failure().isEmpty() ? NATIVE : COMPOSED;
      }
    }
    return chosen;
  }

  /**
   * Makes {@link #choose} return {@code provider} from now on.
   *
   * @throws UserException if it is {@link #NATIVE} and the library does not load; says why and how to mend it
   */
  public static synchronized void force(Provider provider) {
    if (provider == NATIVE) {
      NativeLibrary.load();
    }
    chosen = provider;
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
