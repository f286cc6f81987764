/** What a demo found, and the page that shows it. */
package lethe.report.demo;
