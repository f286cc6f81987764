package lethe.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lethe.dataset.ConceptGroup;
import lethe.json.JsonObject;

/**
 * Reads one list. Its templates hold {@code {article}}, {@code {concept}} and {@code {style}}: a concept's prompts and
 * pictures are those in each style of the list, a style's are those of each subject.
 */
final class BenchListReader {
  private static final String SUBJECTS = "style_subjects";
  private static final String REFERENCES = "references";
  private static final String CONCEPT = "{concept}";
  private static final String STYLE = "{style}";

  private final JsonObject json;
  private final Map<String, JsonObject> concepts = new LinkedHashMap<>();

  BenchListReader(JsonObject json) {
    this.json = json.only("name", "about", "templates", SUBJECTS, REFERENCES, "concepts");
  }

  BenchList read() {
    json.object("templates").only(
        Arrays.stream(ConceptGroup.values()).map(ConceptGroup::word).toArray(String[]::new));
    for (JsonObject concept : json.objects("concepts")) {
      concept.only("name", "words", "group", "article", "prompts", "neighbours", "published");
      if (concepts.put(concept.text("name"), concept) != null) {
        throw concept.wrong("name", "'%s' comes twice".formatted(concept.text("name")));
      }
    }
    if (concepts.isEmpty()) {
      throw json.wrong("concepts", "is empty");
    }
    List<BenchConcept> read = concepts.values().stream().map(this::concept).toList();
    return new BenchList(json.text("name"), json.text("about"), read);
  }

  private BenchConcept concept(JsonObject concept) {
    return new BenchConcept(
        concept.text("name"),
        words(concept),
        group(concept),
        prompts(concept),
        references(concept),
        neighbours(concept),
        concept.has("published") ? concept.text("published") : "");
  }

  private static String words(JsonObject concept) {
    return concept.has("words") ? concept.text("words") : concept.text("name").replace('-', ' ');
  }

  private static ConceptGroup group(JsonObject concept) {
    return Arrays.stream(ConceptGroup.values())
        .filter(group -> group.word().equals(concept.text("group")))
        .findFirst()
        .orElseThrow(() -> concept.wrong("group", "is '%s'; expected one of %s".formatted(
            concept.text("group"),
            String.join(", ", Arrays.stream(ConceptGroup.values()).map(ConceptGroup::word).toList()))));
  }

  private List<BenchPrompt> prompts(JsonObject concept) {
    boolean style = group(concept) == ConceptGroup.STYLE;
    List<BenchPrompt> prompts = new ArrayList<>();
    if (concept.has("prompts")) {
      String name = concept.text("name");
      for (String text : concept.texts("prompts")) {
        prompts.add(new BenchPrompt(text, style ? "" : name, style ? name : ""));
      }
    } else {
      for (String template : json.object("templates").texts(group(concept).word())) {
        prompts.addAll(style ? ofStyle(template, concept) : ofObject(template, concept));
      }
    }
    if (prompts.isEmpty()) {
      throw concept.wrong("prompts", "are empty");
    }
    return List.copyOf(prompts);
  }

  private List<BenchPrompt> ofObject(String template, JsonObject concept) {
    String name = concept.text("name");
    if (!template.contains(STYLE)) {
      return List.of(new BenchPrompt(fill(template, concept, ""), name, ""));
    }
    return styles().stream()
        .map(style -> new BenchPrompt(fill(template, concept, words(style)), name, style.text("name")))
        .toList();
  }

  private List<BenchPrompt> ofStyle(String template, JsonObject style) {
    String name = style.text("name");
    String inStyle = template.replace(STYLE, words(style));
    if (!template.contains(CONCEPT)) {
      return List.of(new BenchPrompt(inStyle, "", name));
    }
    return json.texts(SUBJECTS).stream()
        .map(subject -> new BenchPrompt(fill(inStyle, known(json, SUBJECTS, subject), ""), subject, name))
        .toList();
  }

  private static String fill(String template, JsonObject concept, String style) {
    String filled = template.contains("{article}")
        ? template.replace("{article}", concept.text("article"))
        : template;
    return filled.replace(CONCEPT, words(concept)).replace(STYLE, style);
  }

  private List<Path> references(JsonObject concept) {
    if (!json.has(REFERENCES)) {
      return List.of();
    }
    String template = json.text(REFERENCES);
    String name = concept.text("name");
    return group(concept) == ConceptGroup.STYLE
        ? pictured().stream().map(shown -> picture(template, shown.text("name"), name)).toList()
        : styles().stream().map(style -> picture(template, name, style.text("name"))).toList();
  }

  private static Path picture(String template, String concept, String style) {
    return Path.of(template.replace(CONCEPT, concept).replace(STYLE, style));
  }

  private List<String> neighbours(JsonObject concept) {
    List<String> neighbours = concept.texts("neighbours");
    if (neighbours.isEmpty()) {
      throw concept.wrong("neighbours", "are empty");
    }
    for (String neighbour : neighbours) {
      known(concept, "neighbours", neighbour);
      if (neighbour.equals(concept.text("name"))) {
        throw concept.wrong("neighbours", "name the concept itself, '%s'".formatted(neighbour));
      }
    }
    return neighbours;
  }

  private JsonObject known(JsonObject where, String key, String name) {
    if (!concepts.containsKey(name)) {
      throw where.wrong(key, "name '%s', which is no concept of the list".formatted(name));
    }
    return concepts.get(name);
  }

  private List<JsonObject> styles() {
    return concepts.values().stream().filter(concept -> group(concept) == ConceptGroup.STYLE).toList();
  }

  private List<JsonObject> pictured() {
    return concepts.values().stream().filter(concept -> group(concept) != ConceptGroup.STYLE).toList();
  }
}
