package lethe.kernel;

import java.util.List;
import lethe.error.UserException;
import lethe.profile.NativeCallEvent;
import lethe.tensor.DType;
import lethe.tensor.Device;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW over all parameters in one native call: one pass over memory, and one more over the gradients where they are
 * clipped. Of bfloat16 parameters it trains float32 masters and rounds them to the parameters in the same pass.
 *
 * @see Provider whether the native kernels can be used
 * @see ComposedAdamW
 */
public final class FusedAdamW extends AdamWState {
  private static final long[] SCALAR = {};

  private final Device device;
  private final long[] sizes;
  private final long[] expAvgAddresses;
  private final long[] expAvgSqAddresses;

  /**
   * See {@link Optimizer#adamW}.
   *
   * @throws UserException if the kernels for the parameters' device do not load
   */
  public FusedAdamW(List<Tensor> parameters, AdamWSettings settings) {
    super(NativeLibrary.TRACED_AS, parameters, settings);
    device = parameters.isEmpty() ? Device.CPU : Device.of(parameters.get(0));
    if (!parameters.stream().allMatch(tensor -> Launch.takes(tensor) && Device.of(tensor).equals(device))) {
      throw new IllegalArgumentException("fused_adamw: parameters must be on one device, the CPU or a GPU");
    }
    Launch.on(device).close();
    sizes = this.parameters.stream().mapToLong(Tensor::numel).toArray();
    expAvgAddresses = addresses(expAvg);
    expAvgSqAddresses = addresses(expAvgSq);
  }

  @Override
  double update(long step, List<Tensor> gradients) {
    // Copies, where there are any, live until the step's scope ends.
    long[] gradientAddresses = gradients.stream().mapToLong(FusedAdamW::addressOfContiguous).toArray();
    // On a GPU, reading the norm waits for it.
    Tensor norm = settings.clips() ? torch.empty(SCALAR, device.options(DType.F64), null) : null;
    int status;
    try (Launch launch = Launch.on(device)) {
      Function function =
          launch.choose(
              narrow(),
              LetheKernels::fusedAdamW, LetheKernels::fusedAdamWBf16,
              LetheCudaKernels::fusedAdamW, LetheCudaKernels::fusedAdamWBf16);
      NativeCallEvent call = launch.nativeCall("fused_adamw", narrow());
      status =
          function.call(
              parameters.size(), sizes, addresses(masters), gradientAddresses, expAvgAddresses, expAvgSqAddresses,
              narrow() ? addresses(parameters) : null,
              step, settings.learningRate(), settings.beta1(), settings.beta2(), settings.epsilon(),
              settings.weightDecay(), settings.maxGradNorm(), norm == null ? null : norm.mutable_data_ptr());
      call.commit();
    }
    if (status == LetheKernels.OUT_OF_MEMORY) {
      throw new OutOfMemoryError("fused_adamw of " + parameters.size() + " tensors");
    }
    if (status != LetheKernels.OK) {
      throw new IllegalStateException(
          "fused_adamw of " + parameters.size() + " tensors: " + LetheKernels.statusString(status));
    }
    return norm == null ? Double.NaN : norm.item_double();
  }

  /** Where the tensors' data lie. */
  private static long[] addresses(List<Tensor> tensors) {
    return tensors.stream().mapToLong(tensor -> tensor.mutable_data_ptr().address()).toArray();
  }

  /** Where the elements of {@code gradient} lie side by side, NULL where there is none. */
  private static long addressOfContiguous(Tensor gradient) {
    if (gradient == null) {
      return 0;
    }
    Tensor contiguous = gradient.is_contiguous() ? gradient : gradient.contiguous();
    return contiguous.const_data_ptr().address();
  }

  @FunctionalInterface
  private interface Function {
    int call(
        long tensors, long[] sizes, long[] parameters, long[] gradients, long[] expAvg, long[] expAvgSq,
        long[] copies,
        long step, double learningRate, double beta1, double beta2, double eps,
        double weightDecay, double maxNorm, Pointer norm);
  }
}
