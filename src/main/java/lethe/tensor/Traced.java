package lethe.tensor;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lethe.profile.KernelEvent;
import org.bytedeco.pytorch.Tensor;

/** Fills kernel events with what tensors say of themselves. Called only while a recording runs. */
public final class Traced {
  public static final String LIBTORCH = "libtorch";

  private Traced() {}

  /** {@code [1, 4096, 320] x [1280, 320]} for the shapes, the first tensor's type; null tensors are left out. */
  public static KernelEvent describe(KernelEvent event, String operation, String provider, Tensor... inputs) {
    event.operation = operation;
    event.provider = provider;
    event.dtype = DType.of(inputs[0].scalar_type()).shortName();
    event.shapes =
        Stream.of(inputs)
            .filter(Objects::nonNull)
            .map(input -> Arrays.toString(input.shape()))
            .collect(Collectors.joining(" x "));
    return event;
  }

  /** How many of these tensors autograd will compute a gradient for, if {@code output} is differentiated. */
  public static int gradients(Tensor output, Tensor... inputs) {
    if (!output.requires_grad()) {
      return 0;
    }
    return (int) Stream.of(inputs).filter(input -> input != null && input.requires_grad()).count();
  }

  public static int elementBytes(Tensor tensor) {
    return DType.of(tensor.scalar_type()).bytes();
  }
}
