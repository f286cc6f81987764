package lethe.dataset;

/**
 * One image of a data set.
 *
 * @param file below the data set's folder, such as {@code images/church/noto-00.png}
 * @param concept place in the data set's concepts
 * @param style place in the data set's styles
 * @param variant 0 for the plain artwork, else which augmentation of it
 */
public record DatasetEntry(String file, int concept, int style, int variant, Split split) {}
