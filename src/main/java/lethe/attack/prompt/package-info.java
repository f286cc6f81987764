/** Attacks that look for a prompt under which a model that has been made to forget draws the concept again. */
package lethe.attack.prompt;
