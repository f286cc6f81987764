package lethe.kernel;

import java.util.List;
import lethe.error.UserException;
import lethe.profile.NativeCallEvent;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.pytorch.Tensor;

/**
 * AdamW over all parameters in one native call: one pass over memory, and one more over the gradients where they are
 * clipped. Of bfloat16 parameters it trains float32 masters and rounds them to the parameters in the same pass.
 *
 * @see Provider whether the native kernels can be used
 * @see ComposedAdamW
 */
public final class FusedAdamW extends AdamWState {
  /**
   * See {@link Optimizer#adamW}.
   *
   * @throws UserException if the native library does not load
   */
  public FusedAdamW(List<Tensor> parameters, AdamWSettings settings) {
    super(NativeLibrary.TRACED_AS, parameters, settings);
    if (!parameters.stream().allMatch(Tensor::is_cpu)) {
      throw new IllegalArgumentException("fused_adamw: parameters must be on the CPU");
    }
    NativeLibrary.load();
  }

  @Override
  double update(long step, List<Tensor> gradients) {
    List<Tensor> contiguous =
        gradients.stream().map(gradient -> gradient == null ? null : gradient.contiguous()).toList();
    double[] norm = new double[1];
    NativeCallEvent call = NativeCallEvent.of("lethe_fused_adamw_" + (narrow() ? "bf16" : "f32"));
    int status = narrow() ? narrowUpdate(step, contiguous, norm) : update(step, contiguous, norm);
    call.commit();
    if (status == LetheKernels.OUT_OF_MEMORY) {
      throw new OutOfMemoryError("fused_adamw of " + parameters.size() + " tensors");
    }
    if (status != LetheKernels.OK) {
      throw new IllegalStateException(
          "fused_adamw of " + parameters.size() + " tensors: " + LetheKernels.statusString(status));
    }
    return norm[0];
  }

  private int update(long step, List<Tensor> gradients, double[] norm) {
    return LetheKernels.fusedAdamW(
        parameters.size(),
        parameters.stream().mapToLong(Tensor::numel).toArray(),
        pointers(masters),
        pointers(gradients),
        pointers(expAvg),
        pointers(expAvgSq),
        null,
        step,
        settings.learningRate(),
        settings.beta1(),
        settings.beta2(),
        settings.epsilon(),
        settings.weightDecay(),
        settings.maxGradNorm(),
        norm);
  }

  private int narrowUpdate(long step, List<Tensor> gradients, double[] norm) {
    return LetheKernels.fusedAdamWBf16(
        parameters.size(),
        parameters.stream().mapToLong(Tensor::numel).toArray(),
        pointers(masters),
        pointers(gradients),
        pointers(expAvg),
        pointers(expAvgSq),
        pointers(parameters),
        step,
        settings.learningRate(),
        settings.beta1(),
        settings.beta2(),
        settings.epsilon(),
        settings.weightDecay(),
        settings.maxGradNorm(),
        norm);
  }

  /** The tensors' data, NULL where there is none; owned by the current scope. */
  private static PointerPointer<Pointer> pointers(List<Tensor> tensors) {
    PointerPointer<Pointer> pointers = new PointerPointer<>(tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      pointers.put(i, tensors.get(i) == null ? null : tensors.get(i).mutable_data_ptr());
    }
    return pointers;
  }
}
