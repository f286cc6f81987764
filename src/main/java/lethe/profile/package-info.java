/**
 * What Lethe tells a profiler: JDK Flight Recorder events. They cost nothing until a recording is started, be it by
 * {@code lethe profile}, by {@code -XX:StartFlightRecording} or by JDK Mission Control.
 *
 * <p>Events nest by time on their thread: a step contains phases, phases contain modules, modules contain kernels, and
 * a kernel contains the call through JNI.
 */
package lethe.profile;
