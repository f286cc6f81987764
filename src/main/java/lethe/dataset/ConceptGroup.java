package lethe.dataset;

import java.util.Locale;

/** What kind of concept a model is made to forget: the kinds that the papers erase. */
public enum ConceptGroup {
  OBJECT,
  /** A person-like figure, in the place of the papers' celebrities. */
  CHARACTER,
  STYLE,
  /** What a picture shows as a whole, such as nudity. */
  CONTENT;

  /** As files write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
