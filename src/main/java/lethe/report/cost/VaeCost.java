package lethe.report.cost;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lethe.model.vae.Vae;
import lethe.model.vae.VaeConfig;
import lethe.profile.Work;

/** What coding an image costs. */
public final class VaeCost {
  private static final Pattern DOWN = Pattern.compile("encoder\\.down_blocks\\.(\\d+)\\..*");
  private static final Pattern UP = Pattern.compile("decoder\\.up_blocks\\.(\\d+)\\..*");

  private final Map<String, long[]> shapes;
  private final int deepest;

  public VaeCost(VaeConfig config) {
    this.shapes = Vae.shapes(config);
    this.deepest = config.blockOutChannels().length - 1;
  }

  /** @param height of the image in pixels, a multiple of the VAE's factor; so is {@code width} */
  public Work encode(long batch, long height, long width) {
    return half(batch, height, width, true);
  }

  /** As {@link #encode}, from latents to an image of this size. */
  public Work decode(long batch, long height, long width) {
    return half(batch, height, width, false);
  }

  private Work half(long batch, long height, long width, boolean encodes) {
    Pass pass = new Pass(Gradients.NONE);
    shapes.forEach(
        (name, shape) -> {
          if (encodes == (name.startsWith("encoder.") || name.startsWith("quant_conv")) && !name.endsWith(".bias")) {
            layer(pass, name, shape, batch, height, width);
          }
        });
    return pass.cost().forward();
  }

  private void layer(Pass pass, String name, long[] shape, long batch, long height, long width) {
    int level = level(name);
    long positions = (height >> level) * (width >> level);
    if (name.endsWith("attentions.0.to_out.0.weight")) {
      pass.attention(batch, positions, positions, shape[0], true, false);
    }
    if (shape.length == 1) {
      pass.norm(batch * positions * shape[0]);
    } else if (shape.length == 2) {
      pass.linear(name, shape, batch * positions);
    } else if (name.contains("downsamplers")) {
      long padded = ((height >> level) + 1) * ((width >> level) + 1);
      pass.conv2d(name, shape, batch, padded, positions / 4);
    } else if (name.contains("upsamplers")) {
      pass.conv2d(name, shape, batch, 4 * positions, 4 * positions);
    } else {
      pass.conv2d(name, shape, batch, positions, positions);
    }
  }

  /** How often the sides of what a module is given have been halved. */
  private int level(String name) {
    Matcher down = DOWN.matcher(name);
    if (down.matches()) {
      return Integer.parseInt(down.group(1));
    }
    Matcher up = UP.matcher(name);
    if (up.matches()) {
      return deepest - Integer.parseInt(up.group(1));
    }
    boolean atPixels =
        name.startsWith("encoder.conv_in")
            || name.startsWith("decoder.conv_norm_out")
            || name.startsWith("decoder.conv_out");
    return atPixels ? 0 : deepest;
  }
}
