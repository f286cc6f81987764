package lethe.erase.advunlearn.latents;

/**
 * What it took to fill a bank.
 *
 * @param complete false if it was interrupted: filling again goes on where it stopped
 * @param drawn trajectories sampled now
 * @param reused trajectories found in the bank's folders
 * @param unetForwards latents that went through the UNet
 */
public record FillRecord(boolean complete, int drawn, int reused, long unetForwards, double seconds) {}
