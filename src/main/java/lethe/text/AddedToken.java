package lethe.text;

/**
 * A token that is found in the text before BPE splits it: a special token, or a word that textual inversion taught.
 *
 * <p>The reference's {@code lstrip} and {@code rstrip} are left out: they let a token swallow the white space around
 * it, which never becomes a token anyway.
 *
 * @param content as it is written in a prompt
 * @param normalized whether it is looked for in normalised text, and so in any case: {@code <Cat>} finds {@code <cat>}
 * @param singleWord whether it counts only where no word character touches it
 */
record AddedToken(String content, boolean normalized, boolean singleWord) {
  /** A special token of which only the name is given: found only where it is written exactly so. */
  static AddedToken special(String content) {
    return new AddedToken(content, false, false);
  }
}
