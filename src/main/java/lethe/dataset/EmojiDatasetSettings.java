package lethe.dataset;

/**
 * What may be chosen of a data set.
 *
 * @param resolution side of a picture in pixels
 * @param variants pictures per concept and style, the plain artwork included
 * @param seed of the augmentation
 */
public record EmojiDatasetSettings(int resolution, int variants, long seed) {
  /** Of so many variants ... */
  private static final int OF = 16;

  /** ... the last this many are held out. */
  private static final int HELD_OUT = 3;

  /** What a variant is for: the last 3 of 16 are held out, and in proportion of more or fewer. */
  Split split(int variant) {
    return variant >= variants - variants * HELD_OUT / OF ? Split.HELD_OUT : Split.TRAIN;
  }
}
