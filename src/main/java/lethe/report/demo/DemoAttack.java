package lethe.report.demo;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import lethe.attack.prompt.PromptOutcome;

/**
 * What an attack on one model found.
 *
 * @param images those that show the concept, by the prompt's number from 0
 * @param data the outcomes as JSON has them
 */
public record DemoAttack(List<PromptOutcome> outcomes, Map<Integer, BufferedImage> images, Map<String, Object> data) {}
