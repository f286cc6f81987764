/** The data set that the bundled model and its judge are trained on: emoji artwork, a picture per concept and style. */
package lethe.dataset;
