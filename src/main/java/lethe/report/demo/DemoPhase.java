package lethe.report.demo;

/**
 * A part of the demo that has ended.
 *
 * @param lane which of those that run side by side, from 0
 * @param model whose part it is
 * @param work what was done, such as {@code draw}
 * @param detail how much, such as {@code 40 pictures}
 * @param start seconds since the demo began
 * @param seconds it took
 */
public record DemoPhase(int lane, String model, String work, String detail, double start, double seconds) {}
