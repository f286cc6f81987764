package lethe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import lethe.checkpoint.AtomicOutput;
import lethe.checkpoint.Checkpoint;
import lethe.checkpoint.Component;
import lethe.erase.advunlearn.AdvUnlearn;
import lethe.erase.advunlearn.AdvUnlearnSettings;
import lethe.erase.advunlearn.Iteration;
import lethe.erase.advunlearn.LatentSources;
import lethe.erase.advunlearn.RunListener;
import lethe.erase.advunlearn.TrainMethod;
import lethe.erase.advunlearn.latents.FillRecord;
import lethe.erase.advunlearn.retain.RetainSet;
import lethe.error.UserException;
import lethe.kernel.Provider;
import lethe.model.StableDiffusion;
import lethe.model.layer.Network;
import lethe.model.unet.UNet;
import lethe.report.LossCurve;
import lethe.report.RunRecord;
import lethe.tensor.DType;
import lethe.tensor.Device;
import lethe.tensor.Scope;
import lethe.tensor.Threads;

/** {@code lethe erase advunlearn}: erasing that an attack on the prompt does not undo. */
final class EraseAdvUnlearnCommand implements Command {
  private static final String NAME = "erase advunlearn";

  static final Flag<Path> RESUME = Flag.path("resume", "FILE", "go on with a saved state, under the same options");
  static final Flag<Provider> PROVIDER =
      Flag.choice("provider", Provider.class, "native kernels, or plain LibTorch operations")
          .orElseShown("native where it loads");
  static final Flag<SavedType> UNET_DTYPE =
      Flag.choice("unet-dtype", SavedType.class, "what a frozen UNet computes in").orElse(SavedType.FP32);
  static final Flag<SavedType> SAVE_DTYPE =
      Flag.choice("save-dtype", SavedType.class, "of the trained weights; below fp32 small changes round away")
          .orElse(SavedType.FP32);
  static final Flag<Path> OUT =
      Flag.path("out", "OUT", "the erased checkpoint, in the format of the one read; must not exist").mandatory();

  @Override
  public Syntax syntax() {
    return new Syntax()
        .flags("Model", ModelFlags.MODEL, ModelFlags.CONFIG, OUT, SAVE_DTYPE)
        .flags("Concept", AdvUnlearnFlags.CONCEPT, AdvUnlearnFlags.SEPERATOR, AdvUnlearnFlags.TYPE)
        .flags(
            "Training",
            AdvUnlearnFlags.TRAIN_METHOD,
            AdvUnlearnFlags.COMPONENT,
            AdvUnlearnFlags.NORM_LAYER,
            AdvUnlearnFlags.ITERATIONS,
            AdvUnlearnFlags.LR,
            AdvUnlearnFlags.NEGATIVE_GUIDANCE,
            AdvUnlearnFlags.SEED,
            AdvUnlearnFlags.STRICT)
        .flags(
            "Retaining",
            AdvUnlearnSources.RETAIN,
            AdvUnlearnSources.RETAIN_RELATED,
            AdvUnlearnFlags.RETAIN_TRAIN,
            AdvUnlearnFlags.RETAIN_BATCH,
            AdvUnlearnFlags.RETAIN_STEP,
            AdvUnlearnFlags.RETAIN_LOSS_W)
        .flags(
            "Attack",
            AdvUnlearnFlags.ATTACK,
            AdvUnlearnFlags.ATTACK_STEP,
            AdvUnlearnFlags.ATTACK_LR,
            AdvUnlearnFlags.ATTACK_INIT,
            AdvUnlearnFlags.ATTACK_TYPE,
            AdvUnlearnFlags.ATTACK_EMBD_TYPE,
            AdvUnlearnFlags.ADV_PROMPT_NUM,
            AdvUnlearnFlags.ADV_PROMPT_UPDATE_STEP,
            AdvUnlearnFlags.WARMUP_ITER,
            AdvUnlearnFlags.PGD_NORM,
            AdvUnlearnFlags.PGD_RADIUS)
        .flags(
            "Latents",
            AdvUnlearnSources.SAMPLING,
            AdvUnlearnSources.BANK,
            AdvUnlearnSources.BANK_TRAJECTORIES,
            AdvUnlearnSources.RETAIN_TRAJECTORIES,
            AdvUnlearnFlags.BANK_RENEW_INTERVAL,
            AdvUnlearnFlags.START_GUIDANCE,
            AdvUnlearnFlags.DDIM_STEPS,
            AdvUnlearnFlags.IMAGE_SIZE)
        .flags(
            "Running",
            RESUME,
            AdvUnlearnFlags.SAVE_INTERVAL,
            UNET_DTYPE,
            PROVIDER,
            ModelFlags.DEVICE,
            ModelFlags.THREADS)
        .example("lethe erase advunlearn --model sd-v1-4 --concept \"van gogh\" --type style --bank bank --out erased");
  }

  @Override
  public int run(Arguments arguments, Terminal terminal) {
    Provider provider = arguments.find(PROVIDER).map(Provider::checked).orElseGet(Provider::choose);
    Device device = ModelFlags.device(arguments);
    Path out = arguments.get(OUT);
    Path stateFile = out.resolveSibling(out.getFileName() + ".state.safetensors");
    try (Scope scope = new Scope();
        Interrupt interrupt = Interrupt.install(terminal)) {
      Checkpoint checkpoint = ModelFlags.open(arguments);
      AtomicOutput.requireAbsent(out);
      requireNoOtherRun(arguments, stateFile);
      try (StableDiffusion model = load(checkpoint, device, arguments)) {
        ModelFlags.applyThreads(arguments, model, provider);
        AdvUnlearnSettings settings = AdvUnlearnFlags.settings(arguments, model);
        RetainSet retain = AdvUnlearnSources.retainSet(arguments, settings, model);
        retain.warnings().forEach(terminal::warn);
        RunRecord record = new RunRecord(NAME, Version.get(), resolved(arguments, settings));
        Map<String, String> hashes = checkpoint.hashes();
        try (Originals originals = Originals.of(checkpoint, device, settings);
            BankProgress filling = new BankProgress(terminal, interrupt);
            LatentSources sources =
                AdvUnlearnSources.open(arguments, model, originals.unet(), settings, retain, filling);
            AdvUnlearn run = new AdvUnlearn(model, hashes.toString(), sources.all(), settings, provider)) {
          List<FillRecord> filled = sources.fill();
          filling.close();
          arguments.find(RESUME).ifPresent(run::resume);
          if (!filled.stream().allMatch(FillRecord::complete)) {
            terminal.note("interrupted while filling the bank; what is complete is kept where --bank names a folder");
            return ExitCode.INTERRUPTED;
          }
          List<Iteration> done = train(run, stateFile, settings, terminal, interrupt);
          if (done.size() < settings.iterations()) {
            terminal.note("saved; go on with the same options and --resume " + stateFile);
            return ExitCode.INTERRUPTED;
          }
          record
              .ran(provider.on(device), Threads.get())
              .put("model_sha256", hashes)
              .put("retain_prompts", retain.prompts())
              .put("bank", filled)
              .put("attack_losses", numbers(done, Iteration::attackLoss))
              .put("retain_losses", numbers(done, Iteration::retainLoss))
              .losses(numbers(done, Iteration::erasingLoss));
          terminal.note("writing " + out);
          save(checkpoint, model, settings, arguments.get(SAVE_DTYPE), out);
          curve(done).write(beside(out, "loss.png"), Map.of());
          record.put("output_sha256", Checkpoint.hashesOf(out)).writeBeside(out);
          delete(stateFile);
          terminal.print(out.toString());
          return ExitCode.OK;
        }
      }
    }
  }

  /** The UNet as it was, where it is trained and latents are still predicted by the original. */
  private record Originals(UNet unet) implements AutoCloseable {
    static Originals of(Checkpoint checkpoint, Device device, AdvUnlearnSettings settings) {
      boolean frozen = settings.trainMethod().ofTextEncoder();
      return new Originals(frozen ? null : UNet.load(checkpoint, DType.F32, device));
    }

    @Override
    public void close() {
      if (unet != null) {
        unet.close();
      }
    }
  }

  private static StableDiffusion load(Checkpoint checkpoint, Device device, Arguments arguments) {
    SavedType type = arguments.get(UNET_DTYPE);
    boolean trained = !new TrainMethod(arguments.get(AdvUnlearnFlags.TRAIN_METHOD)).ofTextEncoder();
    if (trained && type != SavedType.FP32) {
      throw UserException.usage("--unet-dtype is for a frozen UNet: training it needs fp32");
    }
    return StableDiffusion.load(checkpoint, type.dtype(), device);
  }

  private static void requireNoOtherRun(Arguments arguments, Path stateFile) {
    if (!arguments.has(RESUME) && Files.exists(stateFile)) {
      throw UserException.failed(
          "%s: is the state of an earlier run; go on with --resume %s, or remove it".formatted(stateFile, stateFile));
    }
  }

  private static List<Iteration> train(
      AdvUnlearn run, Path stateFile, AdvUnlearnSettings settings, Terminal terminal, Interrupt interrupt) {
    try (ProgressBar progress =
        new ProgressBar(terminal, "advunlearn", run.iterationsMade(), settings.iterations())) {
      return run.run(
          stateFile,
          new RunListener() {
            @Override
            public void afterIteration(Iteration iteration) {
              progress.step(iteration.number(), detail(iteration));
            }

            @Override
            public boolean cancelled() {
              return interrupt.requested();
            }
          });
    }
  }

  private static String detail(Iteration iteration) {
    String attack =
        Double.isNaN(iteration.attackLoss()) ? "" : String.format(Locale.ROOT, "attack %.4g  ", iteration.attackLoss());
    return attack
        + String.format(Locale.ROOT, "erase %.4g  retain %.4g", iteration.erasingLoss(), iteration.retainLoss());
  }

  private static Map<String, Object> resolved(Arguments arguments, AdvUnlearnSettings settings) {
    Map<String, Object> resolved = arguments.resolved();
    resolved.put(AdvUnlearnFlags.IMAGE_SIZE.name(), settings.imageSize());
    resolved.put(AdvUnlearnFlags.RETAIN_TRAIN.name(), Flag.display(settings.retainTrain()));
    resolved.put(AdvUnlearnFlags.RETAIN_LOSS_W.name(), settings.retainLossW());
    resolved.put(AdvUnlearnFlags.ATTACK_INIT.name(), Flag.display(settings.attackInit()));
    return resolved;
  }

  /** JSON knows no NaN: null where there was no such loss. */
  private static List<Double> numbers(List<Iteration> iterations, ToDoubleFunction<Iteration> loss) {
    List<Double> numbers = new ArrayList<>();
    for (Iteration iteration : iterations) {
      double value = loss.applyAsDouble(iteration);
      numbers.add(Double.isNaN(value) ? null : value);
    }
    return numbers;
  }

  private static void save(
      Checkpoint checkpoint, StableDiffusion model, AdvUnlearnSettings settings, SavedType type, Path out) {
    boolean text = settings.trainMethod().ofTextEncoder();
    Component component = text ? Component.TEXT_ENCODER : Component.UNET;
    Network trained = text ? model.textEncoder() : model.unet();
    checkpoint.saveWith(Map.of(component, trained.parametersAs(type.dtype())), out);
  }

  private static LossCurve curve(List<Iteration> done) {
    double[] steps = values(done, Iteration::number);
    return new LossCurve("AdvUnlearn", "outer iteration", "loss (mean squared error)")
        .add("attack", steps, values(done, Iteration::attackLoss))
        .add("erase", steps, values(done, Iteration::erasingLoss))
        .add("retain", steps, values(done, Iteration::retainLoss));
  }

  private static double[] values(List<Iteration> iterations, ToDoubleFunction<Iteration> value) {
    return iterations.stream().mapToDouble(value).toArray();
  }

  private static Path beside(Path out, String name) {
    return Files.isDirectory(out) ? out.resolve(name) : out.resolveSibling(out.getFileName() + "." + name);
  }

  private static void delete(Path stateFile) {
    try {
      Files.deleteIfExists(stateFile);
    } catch (IOException e) {
      throw UserException.failed("cannot delete %s: %s; remove it by hand".formatted(stateFile, e.getMessage()), e);
    }
  }
}
