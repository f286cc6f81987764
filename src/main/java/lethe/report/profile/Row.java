package lethe.report.profile;

import lethe.profile.Work;

/** What a kernel, module or phase took in all its calls. */
final class Row {
  final String name;
  long calls;
  long nanos;
  Work work = Work.NONE;

  Row(String name) {
    this.name = name;
  }

  void call(long took) {
    calls++;
    nanos += took;
  }

  void did(Work more) {
    work = work.plus(more);
  }

  double gigaflopsPerSecond() {
    return nanos == 0 ? 0 : (double) work.flops() / nanos;
  }

  double gigabytesPerSecond() {
    return nanos == 0 ? 0 : (double) work.bytes() / nanos;
  }
}
