package lethe.erase.advunlearn.latents;

/** Told how far the filling of a bank is. */
@FunctionalInterface
public interface FillListener {
  /**
   * Called before every UNet pass.
   *
   * @param done latents that have gone through the UNet
   * @param total all that have to
   * @return whether to go on
   */
  boolean beforeForward(long done, long total);
}
