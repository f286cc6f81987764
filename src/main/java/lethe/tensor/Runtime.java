package lethe.tensor;

import org.bytedeco.pytorch.global.torch;

/** The LibTorch that is loaded. */
public final class Runtime {
  private Runtime() {}

  /** Its version and that of its presets, such as {@code 2.13.0-1.5.14}; null if its jar does not say. */
  public static String libtorchVersion() {
    return torch.class.getPackage().getImplementationVersion();
  }
}
