package lethe.erase.advunlearn;

/**
 * What happened in an outer iteration.
 *
 * @param number from 1
 * @param attackLoss the attack's last; NaN if there was no attack
 * @param erasingLoss before the step
 * @param retainLoss before the step, without its weight; of the last retain step where those are steps of their own
 */
public record Iteration(int number, double attackLoss, double erasingLoss, double retainLoss) {}
