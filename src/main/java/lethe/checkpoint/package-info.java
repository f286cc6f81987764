/**
 * Checkpoints on disk: safetensors files, diffusers folders and CompVis single files, read strictly and without
 * copying, and written so that nothing half-written is ever left behind. {@code docs/formats.md} describes all of it.
 */
package lethe.checkpoint;
