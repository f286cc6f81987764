package lethe.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import lethe.error.UserException;
import org.junit.jupiter.api.Test;

/** What the icon packages use of SVG, one feature a test, drawn at 32 pixels from a body of 16 units. */
class IconRendererTest {
  private static BufferedImage draw(String body) {
    return IconRenderer.draw(new Icon(body, 16, 16), "test/icon", 32);
  }

  private static int[] rgb(BufferedImage image, int x, int y) {
    int rgb = image.getRGB(x, y);
    return new int[] {rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff};
  }

  private static void assertColor(String expected, BufferedImage image, int x, int y) {
    assertEquals(expected, "%06x".formatted(image.getRGB(x, y) & 0xffffff), "at %d, %d".formatted(x, y));
  }

  @Test
  void theGroundIsWhiteAndTheCurrentColorBlack() {
    BufferedImage image = draw("<path fill=\"currentColor\" d=\"M4 4h8v8H4z\"/>");
    assertColor("ffffff", image, 7, 16);
    assertColor("000000", image, 8, 16);
    assertColor("000000", image, 23, 16);
    assertColor("ffffff", image, 24, 16);
  }

  @Test
  void linearGradients() {
    BufferedImage image = draw("""
        <defs><linearGradient id="g">
        <stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient></defs>
        <path fill="url(#g)" d="M0 0h16v16H0z"/>""");
    assertEquals(255, rgb(image, 0, 16)[0], 8);
    assertEquals(128, rgb(image, 16, 16)[0], 8);
    assertEquals(255, rgb(image, 31, 16)[2], 8);
  }

  @Test
  void radialGradientsWithTransforms() {
    BufferedImage image = draw("""
        <radialGradient id="g" cx="0" cy="0" r="1" gradientTransform="translate(8 8)scale(8)"
        gradientUnits="userSpaceOnUse"><stop stop-color="#0f0"/><stop offset="1" stop-color="#000"/></radialGradient>
        <path fill="url(#g)" d="M0 0h16v16H0z"/>""");
    assertEquals(255, rgb(image, 16, 16)[1], 16);
    assertEquals(128, rgb(image, 8, 16)[1], 16);
    assertColor("000000", image, 0, 0);
  }

  @Test
  void masksAndClips() {
    BufferedImage image = draw("""
        <mask id="m"><path fill="#fff" d="M0 0h8v16H0z"/></mask><clipPath id="c"><path d="M0 0h16v8H0z"/></clipPath>
        <g mask="url(#m)"><path fill="red" clip-path="url(#c)" d="M0 0h16v16H0z"/></g>""");
    assertColor("ff0000", image, 8, 8);
    assertColor("ffffff", image, 24, 8);
    assertColor("ffffff", image, 8, 24);
  }

  @Test
  void blurs() {
    BufferedImage image = draw("""
        <filter id="f" width="16" height="16" x="0" y="0" filterUnits="userSpaceOnUse">
        <feGaussianBlur stdDeviation="2"/></filter>
        <g filter="url(#f)"><path fill="#000" d="M0 0h8v16H0z"/></g>""");
    assertTrue(rgb(image, 8, 16)[0] < 40, "inside it stays dark");
    assertEquals(128, rgb(image, 16, 16)[0], 30);
    assertTrue(rgb(image, 28, 16)[0] > 240, "far outside it stays white");
  }

  /** The inner shadow that every fluent icon has. */
  @Test
  void innerShadows() {
    BufferedImage image = draw("""
        <filter id="f" width="16" height="16" x="0" y="0" color-interpolation-filters="sRGB"
        filterUnits="userSpaceOnUse">
        <feFlood flood-opacity="0" result="a"/><feBlend in="SourceGraphic" in2="a" result="b"/>
        <feColorMatrix in="SourceAlpha" result="c" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 127 0"/>
        <feOffset dx="-4"/><feComposite in2="c" k2="-1" k3="1" operator="arithmetic"/>
        <feColorMatrix values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 1 0"/><feBlend in2="b"/></filter>
        <g filter="url(#f)"><path fill="#ff0" d="M2 2h12v12H2z"/></g>""");
    assertColor("ffff00", image, 10, 16);
    assertColor("0000ff", image, 25, 16);
    assertColor("ffffff", image, 30, 16);
  }

  @Test
  void whatIsNotSvgIsRefused() {
    String message = assertThrows(UserException.class, () -> draw("<path d=")).getMessage();
    assertTrue(message.startsWith("icon test/icon: is not SVG"), message);
  }
}
