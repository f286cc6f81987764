package lethe.dataset;

import java.util.List;
import lethe.json.JsonObject;

/**
 * What an image shows.
 *
 * @param name as folders are called: {@code dog-face}
 * @param group object or character; styles are not concepts of an image
 * @param article {@code a} or {@code an}
 */
public record DatasetConcept(String name, ConceptGroup group, String article) {
  /** An entry of a file's {@code concepts}. */
  static DatasetConcept read(JsonObject json) {
    json.only("name", "group", "article");
    for (ConceptGroup group : List.of(ConceptGroup.OBJECT, ConceptGroup.CHARACTER)) {
      if (group.word().equals(json.text("group"))) {
        return new DatasetConcept(json.text("name"), group, json.text("article"));
      }
    }
    throw json.wrong("group", "is neither object nor character");
  }

  /** As prompts write it: {@code dog face}. */
  public String words() {
    return name.replace('-', ' ');
  }
}
