package lethe.checkpoint;

import java.util.Map;

/**
 * The names one format gives to the tensors of one component, and their canonical names: those of the newest diffusers
 * and transformers, without any prefix.
 */
interface KeyMap {
  /** Where a format stores a canonical tensor. */
  record StoredName(String key, Layout layout) {}

  /**
   * The canonical tensors that a stored one holds: usually one, three in a fused projection, none in a buffer that the
   * component does not need. A name the format does not know is given back as it is, to be reported as left over.
   *
   * @param shape the stored tensor's
   */
  Map<String, Layout> canonical(String key, long[] shape);

  /** Where this format stores a canonical tensor. */
  StoredName stored(String canonicalName, long[] shape);
}
