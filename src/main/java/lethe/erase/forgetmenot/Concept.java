package lethe.erase.forgetmenot;

import java.nio.file.Path;

/**
 * What is to be forgotten.
 *
 * @param name as a user would write it in a prompt, such as {@code elon musk}
 * @param type decides the prompt
 * @param images folder with pictures of the concept; null if no image is used
 * @param promptTemplate the prompt with {@code {concept}} where the name goes
 */
public record Concept(String name, Type type, Path images, String promptTemplate) {
  /** Where the name goes in a prompt template. */
  public static final String PLACEHOLDER = "{concept}";

  /** The published prompt templates (Forget-Me-Not, section 3.2 and its code). */
  public enum Type {
    OBJECT("a photo of " + PLACEHOLDER),
    STYLE("a photo in the style of " + PLACEHOLDER);

    private final String promptTemplate;

    Type(String promptTemplate) {
      this.promptTemplate = promptTemplate;
    }

    public String promptTemplate() {
      return promptTemplate;
    }
  }

  /** A concept under the published prompt of its type. */
  public Concept(String name, Type type, Path images) {
    this(name, type, images, type.promptTemplate());
  }

  public String prompt() {
    return promptTemplate.replace(PLACEHOLDER, name);
  }
}
