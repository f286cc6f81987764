package lethe.cli;

import lethe.erase.advunlearn.latents.FillListener;

/** Shows how far the filling of a latent bank is, and ends it on Ctrl-C. */
final class BankProgress implements FillListener, AutoCloseable {
  private final Terminal terminal;
  private final Interrupt interrupt;
  private ProgressBar bar;

  BankProgress(Terminal terminal, Interrupt interrupt) {
    this.terminal = terminal;
    this.interrupt = interrupt;
  }

  @Override
  public boolean beforeForward(long done, long total) {
    if (done == 0) {
      close();
      bar = new ProgressBar(terminal, "latent bank", total);
    } else {
      bar.step(done, "UNet passes");
    }
    return !interrupt.requested();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
