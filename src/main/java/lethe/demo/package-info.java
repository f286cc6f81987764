/** The demo: every method on one bundled model, in less than a minute. */
package lethe.demo;
