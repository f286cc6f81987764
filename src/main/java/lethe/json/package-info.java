/** JSON files of our own, read strictly: what a file lacks, or has too much, is one line that names file and place. */
package lethe.json;
