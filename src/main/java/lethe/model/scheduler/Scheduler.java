package lethe.model.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * Walks a latent from noise to image in a few steps, by the rules of the diffusers class of the same name.
 *
 * <p>A run is: {@link #setTimesteps}, then for every index of {@link #timesteps()}, in order, predict from {@link
 * #scaleModelInput} and {@link #step}. Multistep methods remember earlier predictions of the run, so an instance serves
 * one run at a time and is not thread safe. The remembered tensors are owned by the scheduler, outlive every {@link
 * lethe.tensor.Scope}, and are freed by the next {@link #setTimesteps} or by {@link #close}.
 *
 * <pre>{@code
 * scheduler.setTimesteps(50);
 * Tensor sample = noise.mul(new Scalar(scheduler.initNoiseSigma()));
 * for (int i = 0; i < scheduler.timesteps().length; i++) {
 *   Tensor output = unet.forward(scheduler.scaleModelInput(sample, i), scheduler.timesteps()[i], context);
 *   sample = scheduler.step(output, i, sample);
 * }
 * }</pre>
 */
public interface Scheduler extends AutoCloseable {
  /**
   * Starts a new run of {@code steps} steps.
   *
   * @throws lethe.error.UserException if the schedule cannot be cut into that many steps
   */
  void setTimesteps(int steps);

  /**
   * The timesteps of the model calls of this run, descending, in units of training timesteps. PNDM calls the model more
   * often than it was asked for; Euler and LMS place timesteps between the integers.
   */
  double[] timesteps();

  /** Standard deviation of the noise that a run starts from. */
  double initNoiseSigma();

  /**
   * The model's input at position {@code index}: {@code sample} itself, or a tensor of its shape and dtype owned by the
   * current scope.
   */
  Tensor scaleModelInput(Tensor sample, int index);

  /**
   * Advances the sample from position {@code index} to the next one.
   *
   * @param modelOutput the prediction at {@code index}, of the shape of {@code sample}
   * @param index position in {@link #timesteps()}; one more than in the call before
   * @param sample the latents at {@code index}, [B, C, H, W]
   * @return the latents at the next position, owned by the current scope
   */
  Tensor step(Tensor modelOutput, int index, Tensor sample);

  /** Frees what the run remembers. The scheduler can start another run afterwards. */
  @Override
  void close();
}
