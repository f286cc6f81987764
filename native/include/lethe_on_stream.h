// The stream of the CUDA kernels as a state of the calling thread, as CUDA's current device is one. With it the JNI glue
// gives both libraries the same arguments, and Java chooses between functions, not between argument lists.
#ifndef LETHE_ON_STREAM_H_
#define LETHE_ON_STREAM_H_

namespace lethe {

inline void*& thread_stream() {
  static thread_local void* stream = nullptr;
  return stream;
}

inline void set_stream(void* stream) { thread_stream() = stream; }

template <auto kernel, typename... Arguments>
int on_stream(Arguments... arguments) {
  return kernel(arguments..., thread_stream());
}

}  // namespace lethe

#endif  // LETHE_ON_STREAM_H_
