/** Text to token ids: CLIP's byte-level BPE, as the reference computes it. Knows nothing of tensors. */
package lethe.text;
