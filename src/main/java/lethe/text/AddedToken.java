package lethe.text;

/**
 * A token that is recognised as a whole, before any splitting.
 *
 * @param normalized whether it is looked for in the normalised text instead of the text as written
 */
record AddedToken(int id, String content, boolean normalized) {}
