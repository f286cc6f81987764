package lethe.checkpoint;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in diffusers folders, old and new. Old ones that published checkpoints still carry: the text encoder's
 * {@code text_model.} prefix and {@code position_ids} buffer, and the VAE attention's {@code query}, {@code key},
 * {@code value} and {@code proj_attn} (see diffusers, {@code ModelMixin._fix_state_dict_keys_on_load}).
 */
enum DiffusersKeyMap implements KeyMap {
  UNET {
    @Override
    public Map<String, Layout> canonical(String key, long[] shape) {
      return Map.of(key, Layout.SAME);
    }

    @Override
    public StoredName stored(String canonicalName, long[] shape) {
      return new StoredName(canonicalName, Layout.SAME);
    }
  },

  TEXT_ENCODER {
    private static final String OLD_PREFIX = "text_model.";
    private static final String POSITION_IDS = "embeddings.position_ids";

    @Override
    public Map<String, Layout> canonical(String key, long[] shape) {
      String name = key.startsWith(OLD_PREFIX) ? key.substring(OLD_PREFIX.length()) : key;
      return name.equals(POSITION_IDS) ? Map.of() : Map.of(name, Layout.SAME);
    }

    /** With the prefix: transformers before 5.6 needs it, newer ones read both. */
    @Override
    public StoredName stored(String canonicalName, long[] shape) {
      return new StoredName(OLD_PREFIX + canonicalName, Layout.SAME);
    }
  },

  VAE {
    private static final Pattern OLD_ATTENTION =
        Pattern.compile("(.*\\.attentions\\.\\d+\\.)(query|key|value|proj_attn)(\\.(?:weight|bias))");
    private static final Map<String, String> NEW_NAMES =
        Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

    @Override
    public Map<String, Layout> canonical(String key, long[] shape) {
      Matcher old = OLD_ATTENTION.matcher(key);
      if (!old.matches()) {
        return Map.of(key, Layout.SAME);
      }
      Layout layout = Layout.POINTWISE_CONVOLUTION.fits(shape) ? Layout.POINTWISE_CONVOLUTION : Layout.SAME;
      return Map.of(old.group(1) + NEW_NAMES.get(old.group(2)) + old.group(3), layout);
    }

    @Override
    public StoredName stored(String canonicalName, long[] shape) {
      return new StoredName(canonicalName, Layout.SAME);
    }
  };

  static KeyMap of(Component component) {
    return switch (component) {
      case UNET -> UNET;
      case TEXT_ENCODER -> TEXT_ENCODER;
      case VAE -> VAE;
      case SCHEDULER, TOKENIZER -> throw new IllegalArgumentException("the " + component.folder() + " has no weights");
    };
  }
}
