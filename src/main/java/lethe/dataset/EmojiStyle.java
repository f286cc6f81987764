package lethe.dataset;

/**
 * A style of drawing: the artwork of one icon package.
 *
 * @param name as captions call it
 * @param packageName the npm package that holds it
 * @param version the package's version; another one may draw differently
 * @param licence SPDX identifier
 * @param artwork its name and whose it is
 * @param source where it comes from
 */
record EmojiStyle(String name, String packageName, String version, String licence, String artwork, String source) {}
