/**
 * The cost model: what networks and methods cost in floating-point operations and bytes, worked out from the shapes of
 * weights without computing anything.
 */
package lethe.report.cost;
