// The little that the native tests need of a test framework: they count what held and print what did not.
#ifndef LETHE_TESTS_CHECK_H_
#define LETHE_TESTS_CHECK_H_

#include <cstdio>
#include <string>

namespace lethe::tests {

inline int passed = 0;
inline int failed = 0;

inline bool check(bool holds, const std::string& what) {
  if (holds) {
    passed++;
  } else {
    failed++;
    std::fprintf(stderr, "FAILED %s\n", what.c_str());
  }
  return holds;
}

// The exit status of a test program.
inline int summary(const char* name) {
  std::printf("%s: %d checks passed, %d failed\n", name, passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace lethe::tests

#endif  // LETHE_TESTS_CHECK_H_
