package lethe.kernel;

import java.util.List;
import lethe.error.UserException;
import lethe.profile.NativeCallEvent;
import lethe.tensor.DType;
import lethe.tensor.Device;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
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
  }

  @Override
  double update(long step, List<Tensor> gradients) {
    List<Tensor> contiguous =
        gradients.stream().map(gradient -> gradient == null ? null : gradient.contiguous()).toList();
    // On a GPU, reading the norm waits for it.
    Tensor norm = settings.clips() ? torch.empty(SCALAR, device.options(DType.F64), null) : null;
    int status;
    try (Launch launch = Launch.on(device)) {
      Function function =
          launch.choose(
              narrow(),
              LetheKernels::fusedAdamW, LetheKernels::fusedAdamWBf16,
              LetheCudaKernels::fusedAdamW, LetheCudaKernels::fusedAdamWBf16);
      NativeCallEvent call = NativeCallEvent.of(launch.entryPoint("fused_adamw", narrow()));
      status =
          function.call(
              parameters.size(), parameters.stream().mapToLong(Tensor::numel).toArray(),
              pointers(masters), pointers(contiguous), pointers(expAvg), pointers(expAvgSq),
              narrow() ? pointers(parameters) : null,
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

  /** The tensors' data, NULL where there is none; owned by the current scope. */
  private static PointerPointer<Pointer> pointers(List<Tensor> tensors) {
    PointerPointer<Pointer> pointers = new PointerPointer<>(tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      pointers.put(i, tensors.get(i) == null ? null : tensors.get(i).mutable_data_ptr());
    }
    return pointers;
  }

  @FunctionalInterface
  private interface Function {
    int call(
        long tensors, long[] sizes, PointerPointer<Pointer> parameters, PointerPointer<Pointer> gradients,
        PointerPointer<Pointer> expAvg, PointerPointer<Pointer> expAvgSq, PointerPointer<Pointer> copies,
        long step, double learningRate, double beta1, double beta2, double eps,
        double weightDecay, double maxNorm, Pointer norm);
  }
}
