package lethe.report.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lethe.attack.prompt.SuccessRate;

/** A demo's figures as JSON: all that the page shows but the pictures. */
public final class DemoJson {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private DemoJson() {}

  /** The file's bytes, UTF-8. */
  public static byte[] of(DemoFindings findings) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("concept", findings.concept());
    data.put("judge", findings.judge());
    data.put("retain_prompts", findings.retainPrompts());
    data.put("seconds", findings.seconds());
    data.put("cpu_seconds", findings.cpuSeconds());
    data.put("models", findings.models().stream().map(DemoJson::model).toList());
    data.put("phases", findings.phases());
    data.put("settings", findings.settings());
    data.put("commands", findings.commands());
    data.put("facts", findings.facts());
    try {
      return JSON.writeValueAsBytes(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> model(DemoModel model) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", model.name());
    data.put("erased", rate(model.erasedRate()));
    data.put("retained", rate(model.retainedRate()));
    Map<String, Object> concepts = new LinkedHashMap<>();
    model.retainedConcepts().forEach(concept -> concepts.put(concept, rate(model.rate(concept))));
    data.put("retained_by_concept", concepts);
    data.put(
        "pictures",
        Stream.concat(model.erased().stream(), model.retained().stream()).map(DemoJson::picture).toList());
    data.put("attack", model.attack() == null ? null : model.attack().data());
    data.put("losses", model.losses());
    return data;
  }

  private static Map<String, Object> rate(SuccessRate rate) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("recognised", rate.successes());
    data.put("pictures", rate.prompts());
    data.put("wilson95", List.of(rate.interval().low(), rate.interval().high()));
    return data;
  }

  private static Map<String, Object> picture(DemoPicture picture) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("prompt", picture.prompt());
    data.put("seed", picture.seed());
    data.put("concept", picture.concept());
    data.put("judged_as", picture.verdict().concept());
    data.put("score", picture.verdict().score());
    if (picture.attention() != null) {
      data.put("mean_attention", picture.attention().mean());
      data.put("largest_attention", picture.attention().max());
    }
    return data;
  }
}
