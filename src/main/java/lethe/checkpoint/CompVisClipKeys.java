package lethe.checkpoint;

import java.util.Map;

/** The text encoder in a CompVis file of SD 1.x: transformers' own old names. */
final class CompVisClipKeys extends CompVisKeys {
  static final String PREFIX = "cond_stage_model.transformer.";

  CompVisClipKeys() {
    super(Component.TEXT_ENCODER, PREFIX);
  }

  @Override
  Map<String, Layout> canonicalBelowPrefix(String foreign, long[] shape) {
    return DiffusersKeyMap.TEXT_ENCODER.canonical(foreign, shape);
  }

  @Override
  StoredName storedBelowPrefix(String canonicalName, long[] shape) {
    return DiffusersKeyMap.TEXT_ENCODER.stored(canonicalName, shape);
  }
}
