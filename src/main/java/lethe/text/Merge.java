package lethe.text;

/** Two neighbouring tokens that become one. */
record Merge(String left, String right) {
  /** Reads {@code left right}, or returns null if the line is not two words with one space between them. */
  static Merge parse(String line) {
    String[] parts = line.split(" ", -1);
    boolean valid = parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty();
    return valid ? new Merge(parts[0], parts[1]) : null;
  }
}
