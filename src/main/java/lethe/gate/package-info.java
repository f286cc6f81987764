/**
 * The regression gate: reads two files of JMH results and decides which benchmarks have become slower.
 * {@code docs/regression-gate.md} says how, and how often it errs. Needs no JMH.
 */
package lethe.gate;
